#include "lws/context.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <string>

#include "lws/event_loop.h"

namespace wsecho::lws {

namespace {

// One read takes up to this much, whatever the number of connections: they share one buffer, so
// its size costs no memory for each of them, and large messages come in few system calls. One that
// comes in a single read is not copied: with room for 256 KiB and a header, those cost 0.6 of it.

// Making and ending contexts touches what libwebsockets keeps for the whole process: its log,
// the plug-in loader, SIGPIPE. Only that is guarded here; a running loop takes no lock.
std::mutex& process_wide() {
    static std::mutex mutex;
    return mutex;
}

// While a context is made its log lines are kept: they explain a failure.
thread_local std::string* captured_log = nullptr;

void emit_log(int /*level*/, const char* line) {
    if (captured_log != nullptr)
        *captured_log += line;
    else
        std::fputs(line, stderr);
}

// 4.1.6 takes a descriptor limit above ten million for a mistake and goes on with 2,560
// (lib/core/context.c); containers do have such limits. The soft one is lowered meanwhile.
class ReasonableDescriptorLimit {
  public:
    ReasonableDescriptorLimit() {
        constexpr rlim_t largest = 1048576;
        if (getrlimit(RLIMIT_NOFILE, &before_) != 0 || before_.rlim_cur <= largest) return;
        rlimit lowered = before_;
        lowered.rlim_cur = largest;
        changed_ = setrlimit(RLIMIT_NOFILE, &lowered) == 0;
    }
    ReasonableDescriptorLimit(const ReasonableDescriptorLimit&) = delete;
    ReasonableDescriptorLimit& operator=(const ReasonableDescriptorLimit&) = delete;
    ~ReasonableDescriptorLimit() {
        if (changed_) setrlimit(RLIMIT_NOFILE, &before_);
    }

    // What libwebsockets' tables have room for.
    [[nodiscard]] static int largest_descriptor() {
        rlimit now{};
        getrlimit(RLIMIT_NOFILE, &now);
        return static_cast<int>(std::min<rlim_t>(now.rlim_cur, INT_MAX)) - 1;
    }

  private:
    rlimit before_{};
    bool changed_ = false;
};

SocketEvents* events_of(::lws* wsi) {
    return static_cast<SocketEvents*>(lws_get_opaque_user_data(wsi));
}

int on_event(::lws* wsi, lws_callback_reasons reason, void* /*user*/, void* /*in*/,
             std::size_t /*size*/) {
    switch (reason) {
        case LWS_CALLBACK_RAW_CLOSE_FILE:
        case LWS_CALLBACK_WSI_DESTROY:  // the close may be missing; this never is
            if (SocketEvents* events = events_of(wsi); events != nullptr) {
                lws_set_opaque_user_data(wsi, nullptr);
                Context::of(wsi).waiter().unwatch(*events);
                events->on_closed();
            }
            return 0;
        default:
            return 0;
    }
}

const lws_protocols protocols[] = {
    {"wsecho", on_event, 0, 0, 0, nullptr, 0},
    {nullptr, nullptr, 0, 0, 0, nullptr, 0},
};

// All zeros: libwebsockets keeps no validity timer, whose sorted list would cost O(n) for each
// connection (lib/core-net/wsi-timeout.c, _lws_validity_confirmed_role()).
const lws_retry_bo_t no_validity_checks{};

lws_context_creation_info creation_info() {
    lws_context_creation_info info{};
    info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
    info.protocols = protocols;
    info.retry_and_idle_policy = &no_validity_checks;
    info.gid = static_cast<decltype(info.gid)>(-1);  // not changed
    info.uid = static_cast<decltype(info.uid)>(-1);
    return info;
}

std::string why_not(const std::string& log) {
    const auto line = log.substr(0, log.find('\n'));
    return "libwebsockets made no context" + (line.empty() ? line : ": " + line);
}

}  // namespace

Context::Context(ForeignWait& waiter)
    : waiter_(waiter),
      read_buffer_(std::make_unique_for_overwrite<std::uint8_t[]>(read_buffer_bytes)) {
    auto info = creation_info();
    leave_waiting_to(waiter, emit_log, info, foreign_);
    const std::scoped_lock lock{process_wide()};
    const ReasonableDescriptorLimit limit;
    std::string log;
    captured_log = &log;
    lws_set_log_level(LLL_ERR, emit_log);
    info.user = this;
    largest_descriptor_ = limit.largest_descriptor();
    context_ = lws_create_context(&info);
    captured_log = nullptr;
    if (context_ == nullptr) throw EventLoopFailure{why_not(log)};
    vhost_ = lws_get_vhost_by_name(context_, "default");
}

Context::~Context() {
    const std::scoped_lock lock{process_wide()};
    std::string log;
    captured_log = &log;
    lws_context_destroy(context_);
    captured_log = nullptr;
}

Context& Context::of(::lws* wsi) {
    return *static_cast<Context*>(lws_context_user(lws_get_context(wsi)));
}

Context::Served Context::read(SocketEvents& owner, std::size_t most) {
    const std::span<std::uint8_t> buffer{read_buffer_.get(), most};
    const ReadResult result = owner.socket().read(buffer);
    if (result.ended) return Served::close;
    if (result.read == 0) return Served::nothing;
    if (!owner.on_bytes(buffer.first(result.read))) return Served::close;
    return result.read == buffer.size() ? Served::more : Served::some;
}

// What has arrived since is read in a turn of its own.
Context::Served Context::go_on(SocketEvents& owner) {
    return owner.on_turn() ? Served::more : Served::close;
}

Context::Served Context::write(SocketEvents& owner) {
    owner.socket().writable_is_told();
    return owner.on_writable() ? Served::nothing : Served::close;
}

void Context::serve_own(int descriptor, short events) {
    lws_pollfd polled{descriptor, events, events};
    lws_service_fd(context_, &polled);
}

// As a file: libwebsockets keeps it, and leaves the reading to us. Its own way
// (the role raw-skt, lws_buflist_aware_read()) looks at more of its memory for each message than
// it spares: 5 % of the server's time with 1,000 connections, 1 % with 10,000.
bool Context::adopt(int descriptor, SocketEvents& owner) {
    // Where the limit was raised since: libwebsockets would keep a half of it.
    if (descriptor > largest_descriptor_) {
        ::close(descriptor);
        return false;
    }
    lws_adopt_desc_t info{};
    info.vh = vhost_;
    info.type = LWS_ADOPT_RAW_FILE_DESC;
    info.fd.filefd = descriptor;
    info.vh_prot_name = "wsecho";
    info.opaque = &owner;
    ::lws* wsi = lws_adopt_descriptor_vhost_via_info(&info);
    if (wsi == nullptr) {  // out of memory; of a file it leaves the closing to us
        ::close(descriptor);
        return false;
    }
    owner.socket() = Socket{wsi};
    if (waiter_.watch(owner)) return true;
    owner.socket().close();
    return false;
}

}  // namespace wsecho::lws
