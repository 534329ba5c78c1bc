// The drain: convert, call, return.
#include "engine/drain.h"

#include <chrono>
#include <cstring>

#include "failure.h"
#include "handle.h"

using namespace wsecho;
using namespace wsecho::capi;

namespace {

engine::Status read_drain_options(const wsecho_drain_options& given,
                                  engine::DrainOptions& options) {
    if (given.version != WSECHO_DRAIN_OPTIONS_VERSION)
        return {engine::ErrorCode::version, "drain options: version not known"};
    if (given.size < sizeof given)
        return {engine::ErrorCode::invalid_option,
                "size: too small: set the options up with WSECHO_DRAIN_OPTIONS_INIT"};
    options.deadline = std::chrono::milliseconds{given.deadline_ms};
    options.spread = std::chrono::milliseconds{given.spread_ms};
    options.code = given.code;
    if (given.reason != nullptr) options.reason = given.reason;
    return engine::check(options);
}

engine::Status check_report(const wsecho_drain_report* report) {
    if (report == nullptr) return {};
    if (report->version != WSECHO_DRAIN_REPORT_VERSION || report->size < sizeof *report)
        return {engine::ErrorCode::version,
                "drain report: set it up with WSECHO_DRAIN_REPORT_INIT"};
    return {};
}

void write_report(const engine::DrainReport& from, wsecho_drain_report& to) {
    to.connections = from.connections;
    to.answered = from.answered;
    to.left = from.left;
    to.broken = from.broken;
    to.forced = from.forced;
    to.bytes_unsent = from.bytes_unsent;
}

}  // namespace

extern "C" int wsecho_server_drain(wsecho_server* server, const wsecho_drain_options* options,
                                   wsecho_drain_report* report) {
    return guarded([&] {
        if (server == nullptr) return invalid_argument("server is NULL");
        engine::DrainOptions read;
        engine::Status status = check_report(report);
        if (status.ok() && options != nullptr) status = read_drain_options(*options, read);
        engine::DrainReport done;
        if (status.ok()) status = server->server.drain(read, done);
        // The server may be gone by now, if it is destroyed meanwhile.
        if (status.ok() && report != nullptr) write_report(done, *report);
        return capi::report(status);
    });
}
