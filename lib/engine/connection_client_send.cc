// Frames of a dialed connection out: masked and, where the endpoint wants that, encrypted. Nobody
// else gets the same bytes, so they are never shared; what waits whole is masked when its turn
// comes.
#include "engine/connection.h"
#include "engine/loop.h"
#include "engine/loop_dials.h"
#include "protocol/client_frame.h"

namespace wsecho::engine {

using protocol::Opcode;

// As transmit().
void Connection::transmit_masked(Opcode opcode, std::span<const std::uint8_t> payload) {
    if (!loop_.fan_out().empty()) catch_up();
    if (queue_ && !protocol::is_control(opcode) && waits_whole())
        return enqueue(prepare(opcode, payload));
    const auto frame = sealed(loop_.dials().masked(opcode, payload));
    if (opcode != Opcode::ping && may_hold_back(frame.size())) return hold_back({}, frame);
    transmit_sealed(frame);
}

// As transmit_shared().
void Connection::transmit_shared_masked(const SharedMessage& message) {
    if (!may_hold_back(message->frame().size() + masking_size()) && !may_write_now())
        return enqueue(message);
    transmit_masked(message->opcode(), message->payload());
}

// Its frame has been counted, but not what encryption adds to it.
void Connection::append_masked(const PreparedMessage& message) {
    const std::size_t counted = protocol::client_frame_size(message.payload().size());
    const auto frame = sealed(loop_.dials().masked(message.opcode(), message.payload()));
    queue_->append_rest({}, frame);
    if (frame.size() < counted) return forget_reserved(counted - frame.size());  // TLS has failed
    account_queued(frame.size() - counted);
}

void Connection::refill_masked(std::size_t most) {
    while (queue_->keeps_whole() && queue_->bytes() < most)
        append_masked(*queue_->take_whole());
}

}  // namespace wsecho::engine
