#include "lws/foreign_wait.h"

#include <poll.h>

namespace wsecho::lws {

#if LWS_LIBRARY_VERSION_NUMBER >= 4003000

namespace {

// Memory of libwebsockets that is ours, for its one service thread.
struct PerThread {
    ForeignWait* waiter;
};

int on_init_thread(lws_context* context, void* loop, int thread) {
    static_cast<PerThread*>(lws_evlib_tsi_to_evlib_pt(context, thread))->waiter =
        static_cast<ForeignWait*>(loop);
    return 0;
}

void on_change(::lws* wsi, unsigned flags) {
    // Connections are watched by Context, in the same way with every version.
    if (lws_get_opaque_user_data(wsi) != nullptr) return;
    short events = 0;
    if ((flags & LWS_EV_READ) != 0) events |= POLLIN;
    if ((flags & LWS_EV_WRITE) != 0) events |= POLLOUT;
    static_cast<PerThread*>(lws_evlib_wsi_to_evlib_pt(wsi))
        ->waiter->watch_own(lws_get_socket_fd(wsi), events, (flags & LWS_EV_START) != 0);
}

lws_event_loop_ops operations() {
    lws_event_loop_ops ops{};
    ops.name = "wsecho";
    ops.init_pt = on_init_thread;
    ops.io = on_change;
    ops.evlib_size_pt = sizeof(PerThread);
    return ops;
}

// By name: 5.0 has a member more.
lws_plugin_evlib_t as_plugin(const lws_event_loop_ops& ops) {
    lws_plugin_evlib_t plugin{};
    plugin.hdr.name = "wsecho";
    plugin.hdr._class = "lws_evlib_plugin";
    plugin.hdr.lws_build_hash = LWS_BUILD_HASH;
    plugin.hdr.api_magic = LWS_PLUGIN_API_MAGIC;
    plugin.ops = &ops;
    return plugin;
}

}  // namespace

void leave_waiting_to(ForeignWait& waiter, void (*emit)(int level, const char* line),
                      lws_context_creation_info& info, ForeignParts& parts) {
    static const lws_event_loop_ops ops = operations();
    static const lws_plugin_evlib_t plugin = as_plugin(ops);
    parts.loops = {&waiter};
    parts.log.u.emit = emit;
    parts.log.lll_flags = LLL_ERR;
    info.log_cx = &parts.log;
    info.foreign_loops = parts.loops.data();
    info.event_lib_custom = &plugin;
}

int shortest_wait_milliseconds(lws_context* context, int milliseconds) {
    return lws_service_adjust_timeout(context, milliseconds, 0);
}

#else

void leave_waiting_to(ForeignWait& /*waiter*/, void (* /*emit*/)(int level, const char* line),
                      lws_context_creation_info& /*info*/, ForeignParts& /*parts*/) {}

// Its timers are for what is not used here (DNS, clients, HTTP), and cannot be run without its
// poll() of every descriptor (lib/plat/unix/unix-service.c, _lws_plat_service_tsi()).
int shortest_wait_milliseconds(lws_context* /*context*/, int milliseconds) {
    return milliseconds;
}

#endif

}  // namespace wsecho::lws
