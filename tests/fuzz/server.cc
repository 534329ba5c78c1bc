// The whole server, on a Unix socket, with several connections whose bytes the input interleaves:
// each gets just its own echoes, pongs and close code, as a simple model has them, compressed or
// not, whatever the others do; and each has one open and one close callback.
#include <wsecho/wsecho.h>

#include <atomic>
#include <memory>

#include "peer_socket.h"
#include "reference_inflate.h"
#include "unix_folder.h"

namespace wsecho::fuzz {

namespace {

constexpr std::size_t max_message = 2048;
constexpr std::size_t deflate_threshold = 16;

// An echo server, for all inputs of the process.
class EchoServer {
  public:
    EchoServer() {
        wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
        options.port = -1;
        options.unix_path = folder_.socket().c_str();
        options.max_message_bytes = max_message;
        options.max_queued_bytes = std::uint64_t{64} << 20U;
        options.handshake_timeout_ms = patience_ms;
        options.close_timeout_ms = patience_ms;
        options.heartbeat_interval_ms = 0;
        options.deflate = 1;
        options.deflate_context_takeover = 1;
        options.deflate_threshold_bytes = deflate_threshold;
        wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;
        callbacks.on_open = [](auto*, auto, void* user) { of(user).opened_.fetch_add(1); };
        callbacks.on_message = [](wsecho_server* server, wsecho_connection_id id, int type,
                                  const void* payload, std::size_t length, void*) {
            require(wsecho_connection_send(server, id, type, payload, length) == WSECHO_OK,
                    "an open connection takes an echo");
        };
        callbacks.on_close = [](auto*, auto, auto*, void* user) {
            of(user).closed_.fetch_add(1);
            of(user).closed_.notify_all();
        };
        require(wsecho_server_create(&server_, &options, &callbacks, this) == WSECHO_OK &&
                    wsecho_server_start(server_) == WSECHO_OK,
                "the server starts");
    }
    EchoServer(const EchoServer&) = delete;
    EchoServer& operator=(const EchoServer&) = delete;
    ~EchoServer() { wsecho_server_destroy(server_); }

    [[nodiscard]] PeerSocket connect() const {
        const int descriptor = folder_.connect();
        require(descriptor >= 0, "the server listens");
        return PeerSocket{descriptor};
    }

    void wait_for_closes(std::uint64_t count) const {
        for (auto closed = closed_.load(); closed != count; closed = closed_.load())
            closed_.wait(closed);
        require(opened_.load() == count, "each connection has one open and one close callback");
    }

  private:
    static EchoServer& of(void* user) { return *static_cast<EchoServer*>(user); }

    UnixFolder folder_;
    wsecho_server* server_ = nullptr;
    std::atomic<std::uint64_t> opened_ = 0;
    std::atomic<std::uint64_t> closed_ = 0;
};

enum class Compression : std::uint8_t { none, without_takeover, with_takeover };

std::string request_with(Compression compression) {
    std::string request =
        "GET / HTTP/1.1\r\nHost: fuzz\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    if (compression != Compression::none) request += "Sec-WebSocket-Extensions: permessage-deflate";
    if (compression == Compression::without_takeover)
        request += "; client_no_context_takeover; server_no_context_takeover";
    return request + (compression == Compression::none ? "\r\n" : "\r\n\r\n");
}

// A client: what it has to send, what it has sent, and what it should have got.
class Client {
  public:
    Client(PeerSocket socket, Compression compression)
        : socket_(std::move(socket)),
          compresses_(compression != Compression::none),
          takes_over_(compression == Compression::with_takeover),
          deflater_(takes_over_),
          inflater_(takes_over_) {
        socket_.write(bytes_of(request_with(compression)));
        const auto head = socket_.read_to("\r\n\r\n");
        require(head && head->starts_with("HTTP/1.1 101 "), "a right handshake is accepted");
        require((head->find("permessage-deflate") != std::string::npos) == compresses_,
                "messages are compressed where the client offers it");
    }

    void add(View bytes) { stream_.insert(stream_.end(), bytes.begin(), bytes.end()); }

    void add_frame(unsigned first_byte, View payload) {
        stream_.push_back(static_cast<std::uint8_t>(first_byte));
        if (payload.size() <= 125) {
            stream_.push_back(static_cast<std::uint8_t>(0x80U | payload.size()));
        } else {
            stream_.push_back(0x80 | 126);
            stream_.push_back(static_cast<std::uint8_t>(payload.size() >> 8U));
            stream_.push_back(static_cast<std::uint8_t>(payload.size() & 0xFFU));
        }
        const std::uint8_t key[4]{0x12, static_cast<std::uint8_t>(first_byte), 0, 0xFF};
        add(key);
        for (std::size_t i = 0; i < payload.size(); ++i)
            stream_.push_back(static_cast<std::uint8_t>(payload[i] ^ key[i % 4]));
    }

    void add_compressed(unsigned first_byte, View payload) {
        add_frame(compresses_ ? first_byte | 0x40U : first_byte,
                  compresses_ ? View{deflater_.deflate(payload)} : payload);
    }

    void send(std::size_t most) {
        if (is_reset_) return;
        const auto size = std::min(most, stream_.size() - sent_);
        socket_.write(View{stream_}.subspan(sent_, size));
        sent_ += size;
    }

    // Leaves without a word, whatever waits for it.
    void reset() {
        is_reset_ = true;
        const PeerSocket gone{std::move(socket_)};
    }

    void finish() {
        if (is_reset_) return;
        send(SIZE_MAX);
        ReferenceInflater inflater{takes_over_};
        const Rules rules{true, compresses_, max_message};
        for (const Event& event : ReferencePeer{rules, &inflater}.judge(stream_))
            expect(event);
        socket_.shut_down();
        socket_.read_to_end();
        require(socket_.received().empty(), "nothing comes that the model does not have");
    }

  private:
    void expect(const Event& event) {
        const auto frame = socket_.read_frame({false, compresses_});
        require(frame.has_value(), "an answer comes for each message, ping and close");
        require(frame->fin, "the server sends whole messages");
        switch (event.kind) {
            case Event::Kind::text:
            case Event::Kind::binary:
                require(frame->opcode == (event.kind == Event::Kind::text ? 1U : 2U),
                        "an echo has its message's type");
                require(payload_of(*frame) == event.payload, "an echo is the client's own message");
                return;
            case Event::Kind::ping:
                require(frame->opcode == 10 && frame->payload == event.payload,
                        "a pong has its ping's payload");
                return;
            case Event::Kind::close:
            case Event::Kind::failure:
                break;
        }
        require(frame->opcode == 8, "a close frame comes where the model has one");
        const unsigned code =
            frame->payload.size() < 2 ? 1005U : frame->payload[0] * 256U + frame->payload[1];
        require(code == event.code || (event.other_code != 0 && code == event.other_code),
                "with the code that the model has");
    }

    Bytes payload_of(const Frame& frame) {
        if (!frame.compressed) return frame.payload;
        Bytes payload;
        require(
            inflater_.inflate(frame.payload, true, max_message, payload) == Inflater::Result::whole,
            "what the server compresses, the client inflates");
        return payload;
    }

    PeerSocket socket_;
    bool compresses_;
    bool takes_over_;
    bool is_reset_ = false;
    ReferenceDeflater deflater_;
    ReferenceInflater inflater_;
    Bytes stream_;
    std::size_t sent_ = 0;
};

// One step of the input, on one of the clients.
void step(Client& client, unsigned action, Reader& reader) {
    const auto payload = [&] { return reader.bytes(reader.byte()); };
    switch (action) {
        case 0:
            return client.add_frame(0x81, payload());
        case 1:
            return client.add_frame(0x82, payload());
        case 2:
            return client.add_frame(0x89, payload());
        case 3:
            return client.add_frame(0x01, payload());
        case 4:
            return client.add_frame(0x00, payload());
        case 5:
            return client.add_frame(0x80, payload());
        case 6:
            return client.add_compressed(0x81, payload());
        case 7:
            return client.add_frame(0xC1, payload());  // as if it were compressed
        case 8:
            return client.add_frame(0xC2, payload());
        case 9:
            return client.add(payload());
        case 10:
            return client.add_frame(0x88, payload());
        case 11:  // up to three times as large as may be
            return client.add_compressed(0x82,
                                         Bytes(reader.byte() * std::size_t{24}, reader.byte()));
        case 12:
            return client.add_frame(0x41, payload());  // the begin of a compressed message
        case 13:
            return client.send(reader.byte());
        case 14:
            return client.send(SIZE_MAX);
        default:
            return client.reset();
    }
}

}  // namespace

void check(View input) {
    static EchoServer server;
    static std::uint64_t connections = 0;

    Reader reader{input};
    std::vector<std::unique_ptr<Client>> clients;
    const unsigned count = 1 + reader.byte() % 4U;
    for (unsigned i = 0; i < count; ++i)
        clients.push_back(std::make_unique<Client>(
            server.connect(), Compression{static_cast<std::uint8_t>(reader.byte() % 3U)}));
    while (!reader.empty()) {
        const unsigned first = reader.byte();
        step(*clients[(first >> 4U) % count], first & 0xFU, reader);
    }
    for (const auto& client : clients)
        client->finish();
    clients.clear();
    connections += count;
    server.wait_for_closes(connections);
}

}  // namespace wsecho::fuzz
