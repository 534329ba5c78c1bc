// Channels under load: threads publish while others move connections in and out at random. A
// message published before a subscription or behind its end must not come, one between must, and
// all members see one order.
//
// The clients are a process of their own, since both ends of 10,000 connections are more
// descriptors than one process has. WSECHO_STORM=CONNECTIONS,CHANNELS,ROUNDS makes it larger.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "support/client_crowd.h"
#include "support/client_process.h"
#include "support/frames.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

struct Size {
    unsigned connections = 300;
    unsigned channels = 40;
    unsigned rounds = 1500;  // of each thread
};

Size size_of_the_storm() {
    Size size;
    if (const char* const asked = std::getenv("WSECHO_STORM"))
        if (std::sscanf(asked, "%u,%u,%u", &size.connections, &size.channels, &size.rounds) != 3)
            throw std::runtime_error("WSECHO_STORM is not CONNECTIONS,CHANNELS,ROUNDS");
    return size;
}

constexpr unsigned publishers = 4;
// Two threads of the test's, and the loops, in callbacks. Each moves the clients of its own class.
constexpr unsigned movers = 2;
constexpr unsigned loops = 3;
constexpr unsigned classes = movers + 1;

// --- The clients ---

// What they received, in their order, in memory that both processes see.
struct Log {
    struct Entry {
        std::uint32_t client;
        std::uint64_t message;
    };
    static constexpr std::size_t most = 50'000'000;
    std::size_t count;
    std::array<Entry, most> entries;
};

// Pings are answered; anything but a message ends the client.
bool keep(Log& log, const ClientCrowd::Client& client, const Frame& came) {
    if (came.opcode == ping) return client.send(frame(pong, came.payload));
    if (came.opcode != binary) return false;
    std::uint64_t message = 0;
    std::memcpy(&message, came.payload.data(), sizeof message);
    if (log.count < Log::most) log.entries[log.count++] = {client.number, message};
    return true;
}

// --- The server's side ---

// A message's name: its thread, and a count of that thread.
std::uint64_t name_of(unsigned thread, std::uint64_t count) {
    return (std::uint64_t{thread} << 48U) | count;
}

struct Published {
    unsigned channel;
    std::uint64_t number;
};

// By the numbers of messages that one thread published right before and after each call.
struct Stay {
    unsigned client;
    unsigned channel;
    std::uint64_t last_before;   // must not come
    std::uint64_t first_inside;  // must come, and all up to the next
    std::uint64_t last_inside = 0;
    std::uint64_t first_after = 0;  // must not come
};

unsigned below(std::mt19937& random, unsigned bound) {
    return static_cast<unsigned>(random() % bound);
}

std::string channel_name(unsigned channel) {
    return "channel " + std::to_string(channel);
}

// One thread: publishes, and keeps the names and numbers of what it did.
class Publisher {
  public:
    Publisher(TestServer& server, unsigned thread) : server_(server), thread_(thread) {}

    std::uint64_t publish(unsigned channel) {
        const std::uint64_t name = name_of(thread_, ++count_);
        std::uint64_t number = 0;
        const int result = wsecho_publish(server_.get(), channel_name(channel).c_str(),
                                          WSECHO_BINARY, &name, sizeof name, 0, &number);
        if (result != WSECHO_OK) throw std::runtime_error(wsecho_error_detail());
        made[name] = {channel, number};
        return number;
    }

    std::unordered_map<std::uint64_t, Published> made;

  private:
    TestServer& server_;
    unsigned thread_;
    std::uint64_t count_ = 0;
};

// Moves the clients that are its own in and out of channels, one stay in a channel at a time.
class Mover {
  public:
    Mover(TestServer& server, unsigned thread, const std::vector<Id>& ids)
        : publisher(server, thread), server_(server), ids_(ids) {}

    void move(unsigned client, unsigned channel) {
        const auto found = inside_.find({client, channel});
        if (found == inside_.end()) return enter(client, channel);
        leave(stays[found->second]);
        inside_.erase(found);
    }
    void leave_all() {
        for (const auto& [where, stay] : inside_)
            leave(stays[stay]);
    }

    Publisher publisher;
    std::vector<Stay> stays;

  private:
    void enter(unsigned client, unsigned channel) {
        Stay stay{client, channel, publisher.publish(channel), 0};
        if (wsecho_subscribe(server_.get(), ids_[client], channel_name(channel).c_str()) !=
            WSECHO_OK)
            throw std::runtime_error(wsecho_error_detail());
        stay.first_inside = publisher.publish(channel);
        inside_[{client, channel}] = stays.size();
        stays.push_back(stay);
    }
    void leave(Stay& stay) {
        stay.last_inside = publisher.publish(stay.channel);
        if (wsecho_unsubscribe(server_.get(), ids_[stay.client],
                               channel_name(stay.channel).c_str()) != WSECHO_OK)
            throw std::runtime_error(wsecho_error_detail());
        stay.first_after = publisher.publish(stay.channel);
    }

    TestServer& server_;
    const std::vector<Id>& ids_;
    std::map<std::pair<unsigned, unsigned>, std::size_t> inside_;
};

// Whatever a client got of a channel, in its order.
using Received = std::map<std::pair<unsigned, unsigned>, std::vector<std::uint64_t>>;

void check_stay(const Stay& stay, const std::vector<std::uint64_t>& numbers) {
    const auto first = std::lower_bound(numbers.begin(), numbers.end(), stay.first_inside);
    const auto last = std::upper_bound(numbers.begin(), numbers.end(), stay.last_inside);
    ASSERT_EQ(static_cast<std::uint64_t>(last - first), stay.last_inside - stay.first_inside + 1)
        << "client " << stay.client << " lost some of channel " << stay.channel;
}

// Between the end of a stay and the begin of the next, nothing comes.
void check_between(const Stay& before, const Stay& next,
                   const std::vector<std::uint64_t>& numbers) {
    const auto first = std::lower_bound(numbers.begin(), numbers.end(), before.first_after);
    const auto last = std::upper_bound(numbers.begin(), numbers.end(), next.last_before);
    ASSERT_LE(last - first, 0) << "client " << next.client << " was no member of channel "
                               << next.channel;
}

class channel_storm : public ::testing::Test {
  protected:
    channel_storm()
        : log_(static_cast<Log*>(mmap(nullptr, sizeof(Log), PROT_READ | PROT_WRITE,
                                      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0))) {}
    ~channel_storm() override { munmap(log_, sizeof(Log)); }

    void open_clients(TestServer& server) {
        clients_.connect_to(server.port());
        server.await("all clients", [&](const Record& record) {
            return record.opened.size() == size_.connections;
        });
        ids_.resize(size_.connections);
        for (const Id id : server.record().opened) {
            std::array<char, 16> query{};
            wsecho_connection_query(server.get(), id, query.data(), query.size(), nullptr);
            const int number = std::atoi(query.data());
            ids_[static_cast<std::size_t>(number)] = id;
            numbers_[id] = static_cast<unsigned>(number);
        }
    }

    void storm(TestServer& server) {
        std::vector<std::thread> threads;
        {
            const std::scoped_lock lock{mutex_};
            for (unsigned thread = 0; thread < movers + loops; ++thread)
                movers_.push_back(std::make_unique<Mover>(server, publishers + thread, ids_));
        }
        for (unsigned thread = 0; thread < publishers; ++thread)
            publishers_.push_back(std::make_unique<Publisher>(server, thread));
        std::atomic<bool> failed{false};
        const auto run = [&](unsigned seed, auto&& step) {
            threads.emplace_back([&, seed, step] {
                std::mt19937 random{seed};
                try {
                    for (unsigned round = 0; round < size_.rounds; ++round)
                        step(random);
                } catch (const std::exception& error) {
                    ADD_FAILURE() << error.what();
                    failed = true;
                }
            });
        };
        for (unsigned thread = 0; thread < publishers; ++thread)
            run(thread, [this, thread](auto& random) {
                publishers_[thread]->publish(below(random, size_.channels));
            });
        for (unsigned thread = 0; thread < movers; ++thread)
            run(100 + thread, [this, thread](auto& random) {
                movers_[thread]->move(client_of(thread, random), below(random, size_.channels));
            });
        run(200, [&](auto& random) {
            if (wsecho_connection_ping(server.get(), ids_[client_of(movers, random)]) != WSECHO_OK)
                throw std::runtime_error(wsecho_error_detail());
        });
        for (auto& thread : threads)
            thread.join();
        ASSERT_FALSE(failed);
        eventually("all pings to be answered", [&] { return answered_ == size_.rounds; });
        for (auto& mover : movers_)
            mover->leave_all();
    }

    // On the loop of the client, which alone moves it.
    void move_in_callback(Id id) {
        static thread_local std::mt19937 random{300};
        Mover* mine = nullptr;
        {
            const std::scoped_lock lock{mutex_};
            const auto [found, is_new] =
                of_threads_.try_emplace(std::this_thread::get_id(), movers + of_threads_.size());
            mine = movers_[found->second].get();
        }
        mine->move(numbers_.at(id), below(random, size_.channels));
        ++answered_;
    }

    unsigned client_of(unsigned of_class, std::mt19937& random) const {
        return of_class + classes * below(random, (size_.connections - 1 - of_class) / classes);
    }

    Received received() const {
        std::unordered_map<std::uint64_t, Published> made;
        for (const auto& publisher : publishers_)
            made.insert(publisher->made.begin(), publisher->made.end());
        for (const auto& mover : movers_)
            made.insert(mover->publisher.made.begin(), mover->publisher.made.end());
        Received result;
        for (std::size_t i = 0; i < log_->count; ++i) {
            const auto [client, message] = log_->entries[i];
            const Published& what = made.at(message);
            result[{client, what.channel}].push_back(what.number);
        }
        return result;
    }

    const Size size_ = size_of_the_storm();
    std::mutex mutex_;
    std::map<std::thread::id, std::size_t> of_threads_;  // which of the movers a loop is
    std::unordered_map<Id, unsigned> numbers_;
    std::atomic<unsigned> answered_{0};
    Log* log_;
    ClientProcess clients_{[this](int port) {
        const auto keep_it = [this](const ClientCrowd::Client& client, const Frame& came) {
            return keep(*log_, client, came);
        };
        ClientCrowd{port, size_.connections, keep_it}.read_all();
    }};
    std::vector<Id> ids_;
    std::vector<std::unique_ptr<Publisher>> publishers_;
    std::vector<std::unique_ptr<Mover>> movers_;
};

TEST_F(channel_storm, members_get_all_in_order_and_others_nothing) {
    auto options = default_options();
    options.threads = loops;
    options.max_subscriptions = size_.channels;
    options.heartbeat_interval_ms = 0;
    options.max_queued_bytes = 64U << 20U;
    options.close_timeout_ms = 60'000;
    Callbacks callbacks;
    callbacks.on_heartbeat = [this](TestServer&, const Heartbeat& answer) {
        move_in_callback(answer.id);
    };
    TestServer server{options, callbacks};
    open_clients(server);
    // A member that stays, so that the numbers go on.
    for (unsigned channel = 0; channel < size_.channels; ++channel)
        ASSERT_EQ(wsecho_subscribe(server.get(), ids_.back(), channel_name(channel).c_str()),
                  WSECHO_OK);
    storm(server);
    EXPECT_EQ(server.stop(), WSECHO_OK);
    ASSERT_EQ(clients_.wait(), 0);
    ASSERT_EQ(server.statistics().messages_refused, 0U);
    ASSERT_LT(log_->count, Log::most);

    Received got = received();
    for (const auto& [where, numbers] : got)
        ASSERT_EQ(std::adjacent_find(numbers.begin(), numbers.end(), std::greater_equal<>{}),
                  numbers.end())
            << "client " << where.first << " got channel " << where.second << " out of order";
    std::map<std::pair<unsigned, unsigned>, Stay> last;
    for (const auto& mover : movers_)
        for (const Stay& stay : mover->stays) {
            const std::pair where{stay.client, stay.channel};
            const auto& numbers = got[where];
            check_stay(stay, numbers);
            const Stay none{stay.client, stay.channel, 0, 0, 0, 0};
            check_between(last.contains(where) ? last.at(where) : none, stay, numbers);
            last.insert_or_assign(where, stay);
        }
    for (const auto& [where, stay] : last)
        ASSERT_TRUE(got[where].empty() || got[where].back() < stay.first_after);
    for (const auto& [where, numbers] : got)
        ASSERT_TRUE(last.contains(where) || where.first == size_.connections - 1)
            << "client " << where.first << " was never in channel " << where.second;
    RecordProperty("messages", static_cast<int>(log_->count));
    std::printf("%zu messages received\n", log_->count);
}

}  // namespace
}  // namespace wsecho::test
