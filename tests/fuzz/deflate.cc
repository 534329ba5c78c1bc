// Compression, as the connections of one loop share it: however its message is cut and wherever it
// fails, each connection inflates just what a reference with a state of its own inflates, so that
// nothing of one message reaches another; what is compressed for a peer, that peer inflates.
#include "engine/deflate.h"

#include <memory>

#include "reference_inflate.h"

namespace wsecho::fuzz {

namespace {

using engine::ConnectionDeflate;
using engine::Deflate;
using protocol::DeflateTerms;
using protocol::FramePiece;
using protocol::InflatingAssembler;
using protocol::Opcode;

constexpr std::size_t max_message = 4096;

struct Loop {
    explicit Loop(std::uint8_t flags)
        : options{.threshold = 8,
                  .window_bits = 9 + flags % 7,
                  .takes_over = true,
                  .level = 1 + flags % 9} {}
    engine::DeflateOptions options;
    Deflate deflate{options};
    protocol::SpareBuffers spare;
};

// One connection, beside a reference for each of its directions.
class Peer {
  public:
    Peer(Loop& loop, const DeflateTerms& terms)
        : loop_(loop), terms_(terms), connection_(std::make_unique<ConnectionDeflate>(terms)) {}

    // A piece of a compressed message, as the connection is given it by its frame decoder. False:
    // the connection has failed.
    bool receive(View piece, bool is_text, bool is_end) {
        FramePiece frame;
        frame.opcode = is_text ? Opcode::text : Opcode::binary;
        if (in_message_) frame.opcode = Opcode::continuation;
        if (!in_message_) is_text_ = is_text;
        frame.fin = is_end;
        frame.first = frame.last = true;
        frame.frame_size = piece.size();
        frame.compressed = !in_message_;
        Bytes payload{piece.begin(), piece.end()};
        frame.payload = payload;
        in_message_ = true;
        data_.insert(data_.end(), piece.begin(), piece.end());

        protocol::Message message;
        const auto outcome = connection_->assembler.add(
            frame, max_message, loop_.deflate.decompressor_of(*connection_), loop_.spare, message);
        if (outcome == InflatingAssembler::Outcome::incomplete) {
            expect(outcome, {}, is_end);
            return true;
        }
        loop_.deflate.message_ended(*connection_);
        expect(outcome, message.payload, is_end);
        if (outcome != InflatingAssembler::Outcome::complete) return false;
        require(message.is_text == is_text_, "text is text, binary is binary");
        connection_->assembler.release(loop_.spare);
        in_message_ = false;
        data_.clear();
        return true;
    }

    // In one of the ways in which a server compresses.
    void send(View payload, unsigned way) {
        if (way == 0) connection_->forget();
        if (way < 3) return inflate(loop_.deflate.compress(*connection_, payload), payload);
        const auto message = engine::prepare(Opcode::binary, payload);
        if (!loop_.deflate.shares_forms(*connection_)) return;
        const auto form = loop_.deflate.form_of(message);
        connection_->forget();  // as the engine does for what did not go through its compressor
        if (form == message) return;
        inflate(form->payload(), payload);
    }

  private:
    void expect(InflatingAssembler::Outcome outcome, View message, bool is_end) {
        using Outcome = InflatingAssembler::Outcome;
        Bytes expected;
        const auto result = inflater_.inflate(data_, is_end, max_message, expected);
        const Text text = is_text_ ? judge_utf8(expected) : Text::whole;
        const bool is_bad_text = text == Text::invalid || (is_end && text == Text::begun);
        switch (outcome) {
            case Outcome::incomplete:
                require(result == Inflater::Result::begun && !is_bad_text,
                        "nothing is wrong so far");
                break;
            case Outcome::complete:
                require(result == Inflater::Result::whole && !is_bad_text, "the message is right");
                require(equal(message, expected), "a message inflates to what the reference has");
                break;
            case Outcome::bad_utf8:
                require(is_bad_text && (result == Inflater::Result::begun ||
                                        result == Inflater::Result::whole),
                        "text that is refused is not UTF-8");
                break;
            case Outcome::too_big:
                require(result == Inflater::Result::too_big, "what is too big is");
                break;
            case Outcome::corrupt:
                require(result == Inflater::Result::corrupt, "what does not inflate does not");
                break;
        }
    }

    void inflate(View compressed, View payload) {
        Bytes inflated;
        require(peer_.inflate(compressed, true, SIZE_MAX, inflated) == Inflater::Result::whole,
                "what is compressed is whole");
        require(equal(inflated, payload), "and inflates to what it was");
    }

    Loop& loop_;
    DeflateTerms terms_;
    std::unique_ptr<ConnectionDeflate> connection_;
    ReferenceInflater inflater_{terms_.client.takes_over};
    ReferenceInflater peer_{terms_.server.takes_over};
    Bytes data_;  // of the message under way, as it came
    bool in_message_ = false;
    bool is_text_ = false;
};

constexpr std::size_t peer_count = 4;

// Two whose messages stand alone, one that takes over, and one whose window is small.
DeflateTerms terms_of(std::size_t which, const Loop& loop) {
    const int bits = loop.options.window_bits;
    if (which == 2) return {{bits, true}, {15, true}};
    return {{which == 3 ? 9 : bits, false}, {15, false}};
}

}  // namespace

void check(View input) {
    Reader reader{input};
    Loop loop{reader.byte()};
    std::vector<std::unique_ptr<Peer>> peers;
    std::vector<std::unique_ptr<ReferenceDeflater>> clients;
    const auto renew = [&](std::size_t which) {
        const DeflateTerms terms = terms_of(which, loop);
        peers[which] = std::make_unique<Peer>(loop, terms);
        clients[which] = std::make_unique<ReferenceDeflater>(terms.client.takes_over);
    };
    peers.resize(peer_count);
    clients.resize(peer_count);
    for (std::size_t i = 0; i < peer_count; ++i)
        renew(i);
    while (!reader.empty()) {
        const unsigned first = reader.byte();
        const std::size_t which = first % peer_count;
        const unsigned action = (first >> 2U) % 16U;
        const View data = reader.bytes(reader.byte());
        Peer& peer = *peers[which];
        bool is_well = true;
        if (action < 6) {  // as they are
            is_well = peer.receive(data, (action & 1U) != 0, action < 3);
        } else if (action < 8) {  // compressed
            is_well = peer.receive(clients[which]->deflate(data), action == 6, true);
        } else if (action == 8) {  // a bomb
            const Bytes zeros(std::size_t{data.size()} * 40);
            is_well = peer.receive(clients[which]->deflate(zeros), false, true);
        } else if (action < 15) {
            peer.send(data, action % 4);
        } else {
            is_well = false;  // it leaves, perhaps in the middle of a message
        }
        if (!is_well) renew(which);
    }
}

}  // namespace wsecho::fuzz
