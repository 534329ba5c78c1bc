// An echo or broadcast server on Boost.Beast, to be measured beside wsecho.
//
// Choices: one io_context that knows it has one thread, sockets bound to its executor type, so
// that no handler goes through a type-erased executor, no timeouts, and a stream without
// permessage-deflate, all of which Asio and Beast offer for speed. The callbacks are plain; an
// answer is written from the buffer that the message was read into. A broadcast is a shared
// string in a queue of each connection, since Beast wants one write at a time.
#include <sys/resource.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;

namespace {

constexpr std::size_t max_message = std::size_t{64} << 20U;

class Connection;
using Members = std::unordered_set<Connection*>;

struct Message {
    std::string bytes;
    bool text;
};

class Connection : public std::enable_shared_from_this<Connection> {
  public:
    // Without members, messages go back to their sender.
    Connection(Socket socket, Members* members) : stream_(std::move(socket)), members_(members) {}
    ~Connection() {
        if (members_ != nullptr) members_->erase(this);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void start() {
        stream_.next_layer().set_option(tcp::no_delay(true));
        stream_.read_message_max(max_message);
        stream_.auto_fragment(false);
        stream_.async_accept(
            beast::bind_front_handler(&Connection::on_accepted, shared_from_this()));
    }

  private:
    void on_accepted(error_code error) {
        if (error) return;
        if (members_ != nullptr) members_->insert(this);
        read();
    }

    void read() {
        stream_.async_read(buffer_,
                           beast::bind_front_handler(&Connection::on_read, shared_from_this()));
    }

    void on_read(error_code error, std::size_t /*size*/) {
        if (error) return leave();
        if (members_ == nullptr) {
            stream_.text(stream_.got_text());
            stream_.async_write(buffer_.data(), beast::bind_front_handler(&Connection::on_echoed,
                                                                          shared_from_this()));
            return;
        }
        const auto message = std::make_shared<const Message>(
            Message{beast::buffers_to_string(buffer_.data()), stream_.got_text()});
        buffer_.consume(buffer_.size());
        for (Connection* each : *members_)
            each->queue(message);
        read();
    }

    void on_echoed(error_code error, std::size_t /*size*/) {
        if (error) return;
        buffer_.consume(buffer_.size());
        read();
    }

    void queue(std::shared_ptr<const Message> message) {
        queue_.push_back(std::move(message));
        if (queue_.size() == 1) write();
    }

    void write() {
        stream_.text(queue_.front()->text);
        stream_.async_write(asio::buffer(queue_.front()->bytes),
                            beast::bind_front_handler(&Connection::on_written, shared_from_this()));
    }

    void on_written(error_code error, std::size_t /*size*/) {
        if (error) return leave();
        queue_.pop_front();
        if (!queue_.empty()) write();
    }

    // Pending operations may keep this alive a little longer.
    void leave() {
        if (members_ != nullptr) members_->erase(this);
    }

    beast::websocket::stream<Socket, false> stream_;
    beast::flat_buffer buffer_;
    Members* members_;
    std::deque<std::shared_ptr<const Message>> queue_;
};

class Server {
  public:
    Server(asio::io_context& context, std::uint16_t port, bool broadcasts)
        : acceptor_(context, {asio::ip::address_v4::loopback(), port}),
          members_(broadcasts ? std::make_unique<Members>() : nullptr) {
        std::printf("listening on 127.0.0.1:%u\n", acceptor_.local_endpoint().port());
        std::fflush(stdout);
    }

    void accept() {
        acceptor_.async_accept([this](error_code error, Socket socket) {
            if (!error) std::make_shared<Connection>(std::move(socket), members_.get())->start();
            accept();
        });
    }

  private:
    Acceptor acceptor_;
    std::unique_ptr<Members> members_;
};

void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int count, char** words) {
    std::uint16_t port = 0;
    bool broadcasts = false;
    for (int index = 1; index + 1 < count; index += 2) {
        const std::string_view name = words[index];
        const std::string value = words[index + 1];
        if (name == "--port") {
            port = static_cast<std::uint16_t>(std::strtoul(value.c_str(), nullptr, 10));
        } else if (name == "--mode" && (value == "echo" || value == "broadcast")) {
            broadcasts = value == "broadcast";
        } else {
            std::fprintf(stderr, "beast: wrong option: %s %s\n", words[index], value.c_str());
            return 2;
        }
    }
    raise_descriptor_limit();
    try {
        asio::io_context context(1);
        asio::signal_set signals(context, SIGTERM, SIGINT);
        signals.async_wait([](error_code, int) { std::_Exit(0); });
        Server server(context, port, broadcasts);
        server.accept();
        context.run();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "beast: %s\n", error.what());
        return 1;
    }
}
