// Closing, and dialing again.
#include "scenario/churn_load.h"

#include "scenario/roles.h"

namespace wsecho::loadgen {
namespace {

// What was just refused is not asked again at once.
constexpr std::chrono::milliseconds pace{1};

}  // namespace

ChurnLoad::ChurnLoad(Fleet& fleet, const Options& options) : Load(fleet) {
    for (ClientConnection& connection : fleet.connections()) {
        if (role_of(options, connection.number) == Role::churn) players_.push_back(&connection);
    }
}

void ChurnLoad::start(Time /*now*/) {
    fleet_.allow_handshakes(fleet_.size());
    for (ClientConnection* player : players_) {
        if (player->is_open()) {
            fleet_.close_politely(*player);
        } else if (player->state == ClientConnection::State::closed) {
            closed_.push_back(player);
        }
    }
}

Time ChurnLoad::act(Time now) {
    if (stopping_) return Time::max();
    for (ClientConnection* player : std::exchange(closed_, {})) {
        fleet_.dial(*player);
        if (player->state == ClientConnection::State::closed) closed_.push_back(player);
    }
    return now + pace;
}

void ChurnLoad::on_open(ClientConnection& connection, Time dialed, Time now) {
    tally_.handshakes.record(now - dialed);
    if (!stopping_) fleet_.close_politely(connection);
}

void ChurnLoad::on_closed(ClientConnection& connection, bool /*was_open*/, Time /*now*/) {
    if (!stopping_) closed_.push_back(&connection);
}

}  // namespace wsecho::loadgen
