#include "support/deflate_peer.h"

#include <stdexcept>

#include "support/test_server.h"

namespace wsecho::test {

namespace {

// What a flush ends with, which does not travel (RFC 7692, section 7.2.1).
const std::string flushed_end{"\x00\x00\xFF\xFF", 4};

}  // namespace

std::string deflated(const std::string& payload) {
    return deflated_behind({}, payload);
}

std::string deflated_behind(const std::string& before, const std::string& payload) {
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
    if (!before.empty())
        deflateSetDictionary(&stream, reinterpret_cast<const Bytef*>(before.data()),
                             static_cast<uInt>(before.size()));
    std::string out(payload.size() + 1000, '\0');
    std::string in = payload;
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_SYNC_FLUSH);
    deflateEnd(&stream);
    return out.substr(0, out.size() - stream.avail_out - flushed_end.size());
}

std::string compressed_frame(unsigned opcode, const std::string& deflated_payload) {
    return frame(opcode, deflated_payload, {.reserved_bits = 4});
}

DeflatePeer::DeflatePeer(const TestServer& server, const std::string& headers)
    : client(RawClient::tcp(server.port())) {
    client.send(upgrade_request("/", headers));
    const auto response = client.read_response();
    extensions = response.header("Sec-WebSocket-Extensions");
    keeps_ = extensions.find("server_no_context_takeover") == std::string::npos;
    if (!extensions.empty()) client.allow_compression();
    inflateInit2(&stream_, -15);
}

DeflatePeer::~DeflatePeer() {
    inflateEnd(&stream_);
}

std::string DeflatePeer::read() {
    const Frame frame = client.read_frame();
    was_compressed = frame.compressed;
    if (frame.opcode != text || !frame.compressed) return frame.payload;
    return inflated(frame.payload + flushed_end);
}

std::string DeflatePeer::inflated(std::string in) {
    std::string out(1 << 20, '\0');
    stream_.next_in = reinterpret_cast<Bytef*>(in.data());
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out.size());
    if (inflate(&stream_, Z_SYNC_FLUSH) != Z_OK || stream_.avail_in != 0)
        throw std::runtime_error("the server's message does not inflate");
    if (!keeps_) inflateReset(&stream_);
    return out.substr(0, out.size() - stream_.avail_out);
}

}  // namespace wsecho::test
