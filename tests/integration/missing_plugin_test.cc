// A machine without the package libwebsockets-evlib-uv: who asks for libuv gets an error that names
// it, and all others need it not. The plug-in cannot
// be taken away under a test, so its loading is made to fail. An executable of its own, since a
// plug-in stays loaded.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <wsecho/wsecho.h>

#include <atomic>
#include <cstring>
#include <string>

#include "support/process.h"

namespace {

std::atomic<int> refused{0};

}  // namespace

// Comes before the C library's, for libwebsockets too.
extern "C" __attribute__((visibility("default"))) void* dlopen(const char* file, int mode) {
    if (file != nullptr && std::strstr(file, "libwebsockets-evlib_uv") != nullptr) {
        ++refused;
        return nullptr;
    }
    using Function = void* (*)(const char*, int);
    static const auto real = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "dlopen"));
    return real(file, mode);
}

// libwebsockets 4.1.6 does not free its list of plug-ins, made by scandir(), when one does not
// load. Without debug symbols the sanitizer knows no more than that the C library allocated it.
extern "C" __attribute__((visibility("default"))) const char*
__lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier): the sanitizer's name
    return "leak:libc.so.6";
}

TEST(missing_plugin, start_names_the_package_and_leaves_nothing_behind) {
    wsecho_server* server = nullptr;
    wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
    options.event_loop = "libuv";
    ASSERT_EQ(wsecho_server_create(&server, &options, nullptr, nullptr), WSECHO_OK);
    EXPECT_EQ(wsecho_server_start(server), WSECHO_ERR_EVENT_LOOP);
    EXPECT_NE(std::string{wsecho_error_detail()}.find("libwebsockets-evlib-uv"), std::string::npos)
        << wsecho_error_detail();
    EXPECT_EQ(wsecho_server_port(server), -1);
    EXPECT_GT(refused, 0) << "the plug-in was not asked for: this test proves nothing";
    // libuv's pipe for the process is there now; trying again adds nothing.
    const auto descriptors = wsecho::test::open_descriptors();
    EXPECT_EQ(wsecho_server_start(server), WSECHO_ERR_EVENT_LOOP);
    EXPECT_EQ(wsecho::test::open_descriptors(), descriptors);
    EXPECT_EQ(wsecho_server_destroy(server), WSECHO_OK);
}

TEST(missing_plugin, is_not_missed_by_a_server_that_did_not_ask_for_libuv) {
    refused = 0;
    wsecho_server* server = nullptr;
    ASSERT_EQ(wsecho_server_create(&server, nullptr, nullptr, nullptr), WSECHO_OK);
    EXPECT_EQ(wsecho_server_start(server), WSECHO_OK) << wsecho_error_detail();
    EXPECT_EQ(refused, 0);
    EXPECT_EQ(wsecho_server_destroy(server), WSECHO_OK);
}
