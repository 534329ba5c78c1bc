#include "drain.h"

#include <pthread.h>

#include <thread>

#include "complain.h"

namespace {

void print(const wsecho_drain_report& report) {
    if (report.connections == 0) return;
    complain("of {} connections {} answered, {} left, {} broke, {} were cut off ({} bytes unsent)",
             report.connections, report.answered, report.left, report.broken, report.forced,
             report.bytes_unsent);
}

}  // namespace

void drain(wsecho_server* server, const EchoOptions& options, const sigset_t& end_signals) {
    wsecho_drain_options drain_options = WSECHO_DRAIN_OPTIONS_INIT;
    drain_options.deadline_ms = static_cast<std::uint32_t>(options.drain * 1000);
    wsecho_drain_report report = WSECHO_DRAIN_REPORT_INIT;

    // Its end is a signal, too: whichever comes first, the stop is right or does nothing.
    const pthread_t waiting = pthread_self();
    std::thread draining{[&] {
        if (wsecho_server_drain(server, &drain_options, &report) != WSECHO_OK)
            complain("{}", wsecho_error_detail());
        pthread_kill(waiting, SIGINT);
    }};
    int signal_number = 0;
    sigwait(&end_signals, &signal_number);
    wsecho_server_stop(server);
    draining.join();
    print(report);
}
