// The dialer against a hostile server, or a hostile proxy before it: whatever they answer, each
// attempt goes through its states once and ends with the failure that a simple model has; messages
// are those that the model reads, and what the dialer sends is masked and right.
#include <netinet/in.h>
#include <openssl/evp.h>
#include <wsecho/wsecho.h>

#include <condition_variable>
#include <memory>
#include <mutex>

#include "peer_socket.h"
#include "reference_answer.h"

namespace wsecho::fuzz {

namespace {

constexpr std::size_t max_message = 2048;
constexpr std::size_t max_head = 16384;
constexpr std::string_view placeholder = "$ACCEPT";  // in an input: the digest that is right

// What a dialer was heard to say.
struct Record {
    std::vector<wsecho_dialer_state> states;
    wsecho_dial_failure failure = WSECHO_DIAL_OK;
    unsigned http_status = 0;
    std::vector<Event> messages;
    std::size_t opens = 0;
    std::vector<unsigned> closes;  // their codes
};

// The server whose loop the dialers live on, and the socket that they connect to.
class Host {
  public:
    Host() {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const any = reinterpret_cast<sockaddr*>(&address);
        require(::bind(listener_, any, size) == 0 && ::listen(listener_, 16) == 0 &&
                    ::getsockname(listener_, any, &size) == 0,
                "there is a port");
        authority_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
        wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
        options.port = -1;
        options.close_timeout_ms = patience_ms;
        options.heartbeat_interval_ms = 0;
        require(wsecho_server_create(&server_, &options, nullptr, nullptr) == WSECHO_OK &&
                    wsecho_server_start(server_) == WSECHO_OK,
                "the server starts");
    }
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;
    ~Host() {
        wsecho_server_destroy(server_);
        ::close(listener_);
    }

    [[nodiscard]] wsecho_server* server() const noexcept { return server_; }
    [[nodiscard]] const std::string& authority() const noexcept { return authority_; }

    // Attempts that dialers of other inputs may have begun before their end.
    void forget_old_attempts() const {
        for (int old = ::accept(listener_, nullptr, nullptr); old >= 0;
             old = ::accept(listener_, nullptr, nullptr))
            ::close(old);
    }

    [[nodiscard]] PeerSocket accept() const {
        pollfd poll{listener_, POLLIN, 0};
        require(::poll(&poll, 1, patience_ms) == 1, "the dialer connects");
        const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        require(descriptor >= 0, "the dialer connects");
        return PeerSocket{descriptor};
    }

  private:
    int listener_ = -1;
    std::string authority_;
    wsecho_server* server_ = nullptr;
};

class Dialer {
  public:
    Dialer(const Host& host, bool has_proxy) {
        const std::string urls =
            "ws://" + (has_proxy ? "echo.example" : host.authority()) + "/chat?a=b";
        const std::string proxy = "http://" + host.authority();
        wsecho_dialer_options options = WSECHO_DIALER_OPTIONS_INIT;
        options.urls = urls.c_str();
        options.proxy = has_proxy ? proxy.c_str() : nullptr;
        options.subprotocols = "chat";
        options.connect_timeout_ms = patience_ms;
        options.retry_first_ms = options.retry_max_ms = 1'000'000'000;
        options.max_attempts = 1;
        options.max_message_bytes = max_message;
        wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;
        callbacks.on_open = [](auto*, auto, void* user) {
            of(user).change([](Record& record) { ++record.opens; });
        };
        callbacks.on_message = [](auto*, auto, int type, const void* payload, std::size_t length,
                                  void* user) {
            const auto* bytes = static_cast<const std::uint8_t*>(payload);
            of(user).change([&](Record& record) {
                record.messages.push_back(
                    {type == WSECHO_TEXT ? Event::Kind::text : Event::Kind::binary,
                     {bytes, bytes + length},
                     0,
                     0});
            });
        };
        callbacks.on_close = [](auto*, auto, const wsecho_close_event* event, void* user) {
            of(user).change([&](Record& record) { record.closes.push_back(event->code); });
        };
        const auto on_state = [](auto*, const wsecho_dialer_event* event, void* user) {
            of(user).change([&](Record& record) {
                record.states.push_back(event->state);
                if (event->state != WSECHO_DIALER_DISCONNECTED) return;
                record.failure = event->failure;
                record.http_status = event->http_status;
            });
        };
        require(wsecho_dialer_create(&dialer_, host.server(), &options, &callbacks, on_state,
                                     this) == WSECHO_OK &&
                    wsecho_dialer_start(dialer_) == WSECHO_OK,
                "a dialer starts");
    }
    Dialer(const Dialer&) = delete;
    Dialer& operator=(const Dialer&) = delete;
    ~Dialer() { wsecho_dialer_destroy(dialer_); }

    // Waits for the attempt's end.
    Record record() {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [this] {
            return !record_.states.empty() && record_.states.back() == WSECHO_DIALER_DISCONNECTED;
        });
        return record_;
    }

  private:
    static Dialer& of(void* user) { return *static_cast<Dialer*>(user); }

    template <class Change>
    void change(Change&& change) {
        const std::lock_guard lock{mutex_};
        change(record_);
        changed_.notify_all();
    }

    wsecho_dialer* dialer_ = nullptr;
    std::mutex mutex_;
    std::condition_variable changed_;
    Record record_;
};

std::string digest_of(const std::string& key) {
    const std::string text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
    std::array<unsigned char, 64> encoded{};
    const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
    return {reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(length)};
}

std::string with_digest(std::string text, const std::string& digest) {
    for (auto at = text.find(placeholder); at != std::string::npos; at = text.find(placeholder))
        text.replace(at, placeholder.size(), digest);
    return text;
}

// A whole head of up to 16 KiB, or nothing.
std::optional<Head> response_in(std::string_view answer) {
    const auto end = answer.find("\r\n\r\n");
    if (end == std::string_view::npos || end + 4 > max_head) return std::nullopt;
    return read_response(answer.substr(0, end + 4));
}

void write_in_pieces(PeerSocket& socket, std::string_view bytes, std::uint8_t seed) {
    PieceSizes sizes{seed};
    for (std::size_t pieces = 0; !bytes.empty(); ++pieces) {
        // Few of them: the loop's part in each costs more than the target's.
        const auto size = pieces < 16 ? std::min(sizes.next(), bytes.size()) : bytes.size();
        socket.write(bytes_of(bytes.substr(0, size)));
        bytes.remove_prefix(size);
    }
}

// The endpoint's part behind the request: what it answers, and what the dialer is to make of it.
class Exchange {
  public:
    Exchange(PeerSocket& socket, std::uint8_t seed) : socket_(socket), seed_(seed) {}

    void expect(const Record& record) const {
        require(record.failure == failure_ && record.http_status == status_,
                "an attempt fails as the model has it");
        const std::vector expected =
            is_open_ ? std::vector{WSECHO_DIALER_CONNECTING, WSECHO_DIALER_CONNECTED,
                                   WSECHO_DIALER_DISCONNECTED}
                     : std::vector{WSECHO_DIALER_CONNECTING, WSECHO_DIALER_DISCONNECTED};
        require(record.states == expected, "it goes through its states once");
        require(record.opens == (is_open_ ? 1U : 0U) && record.closes.size() == record.opens,
                "one open and one close callback tell of a connection that was there");
        require(!is_open_ || record.closes[0] == close_code_, "it ends with the model's code");
        require(record.messages.size() == messages_.size(), "all messages are told, and no more");
        for (std::size_t i = 0; i < messages_.size(); ++i)
            require(record.messages[i].kind == messages_[i].kind &&
                        record.messages[i].payload == messages_[i].payload,
                    "messages are not changed");
    }

    // False: the attempt is over.
    bool be_proxy(std::string_view& answer) {
        const auto request = socket_.read_to("\r\n\r\n");
        require(request && request->starts_with("CONNECT echo.example:80 HTTP/1.1\r\n"),
                "a proxy is asked for a tunnel");
        const auto end = answer.find("\r\n\r\n");
        const auto head_text = answer.substr(0, end == std::string_view::npos ? end : end + 4);
        const auto head = response_in(head_text);
        failure_ = WSECHO_DIAL_PROXY;
        status_ = head ? status_of(*head) : 0;
        write_in_pieces(socket_, head_text, seed_);
        answer.remove_prefix(head_text.size());
        return head && status_ / 100 == 2;
    }

    void be_endpoint(std::string_view answer_text) {
        const auto request_text = socket_.read_to("\r\n\r\n");
        require(request_text.has_value(), "an endpoint is asked for a WebSocket");
        const auto request = Head::read(*request_text);
        require(request && request->first_line == "GET /chat?a=b HTTP/1.1", "at the URL's target");
        const auto keys = request->values("sec-websocket-key");
        require(keys.size() == 1 && keys[0].size() == 24, "with a key");
        const std::string digest = digest_of(keys[0]);
        const std::string answer = with_digest(std::string{answer_text}, digest);
        const auto head = response_in(answer);
        status_ = head ? status_of(*head) : 0;
        is_open_ = status_ == 101 && is_agreement(*head, {"chat"}, digest);
        failure_ = is_open_                 ? WSECHO_DIAL_LOST
                   : head && status_ != 101 ? WSECHO_DIAL_STATUS
                                            : WSECHO_DIAL_ANSWER;
        if (is_open_) status_ = 0;
        write_in_pieces(socket_, answer, seed_);
        if (is_open_) converse(std::string_view{answer}.substr(answer.find("\r\n\r\n") + 4));
    }

  private:
    // Reads what the dialer answers to these frames.
    void converse(std::string_view frames) {
        const Rules rules{false, false, max_message};
        for (Event& event : ReferencePeer{rules, nullptr}.judge(bytes_of(frames))) {
            if (event.kind == Event::Kind::text || event.kind == Event::Kind::binary) {
                messages_.push_back(std::move(event));
                continue;
            }
            const auto frame = socket_.read_frame({true, false});
            require(frame && frame->fin, "an answer comes for each ping and close");
            if (event.kind == Event::Kind::ping) {
                require(frame->opcode == 10 && frame->payload == event.payload,
                        "a pong has its ping's payload");
                continue;
            }
            require(frame->opcode == 8, "a close frame comes where the model has one");
            close_code_ =
                frame->payload.size() < 2 ? 1005U : frame->payload[0] * 256U + frame->payload[1];
            require(close_code_ == event.code, "with the model's code");
        }
    }

    PeerSocket& socket_;
    std::uint8_t seed_;
    bool is_open_ = false;
    wsecho_dial_failure failure_ = WSECHO_DIAL_OK;
    unsigned status_ = 0;
    unsigned close_code_ = 1006;
    std::vector<Event> messages_;
};

}  // namespace

void check(View input) {
    static const Host host;
    Reader reader{input};
    const bool has_proxy = (reader.byte() & 1U) != 0;
    const std::uint8_t seed = reader.byte();
    auto answer = text_of(reader.rest());

    host.forget_old_attempts();
    Dialer dialer{host, has_proxy};
    PeerSocket socket = host.accept();
    Exchange exchange{socket, seed};
    if (!has_proxy || exchange.be_proxy(answer)) exchange.be_endpoint(answer);
    socket.shut_down();
    socket.read_to_end();
    require(socket.received().empty(), "nothing comes that the model does not have");
    exchange.expect(dialer.record());
}

}  // namespace wsecho::fuzz
