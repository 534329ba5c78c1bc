// Frames: however a stream is cut, decoder and assembler find the frames, messages and faults that
// a simple reference finds with the whole stream in hand; what is encoded decodes to itself.
#include "protocol/client_frame.h"
#include "protocol/close_code.h"
#include "protocol/frame_decoder.h"
#include "protocol/message_assembler.h"
#include "reference_peer.h"

namespace wsecho::fuzz {

namespace {

using protocol::FrameDecoder;
using protocol::FramePiece;
using protocol::MessageAssembler;
using protocol::Opcode;

// The decoder and the assembler, fed as a socket does.
class Engine {
  public:
    explicit Engine(const Rules& rules) : rules_(rules) {
        if (rules.compression) decoder_.allow_compression();
        if (!rules.from_client) decoder_.expect_server();
    }

    bool feed(View bytes) {
        Bytes chunk{bytes.begin(), bytes.end()};
        std::span<std::uint8_t> input{chunk};
        FramePiece piece;
        while (true) {
            const auto result = decoder_.next(input, piece);
            if (result == FrameDecoder::Result::violation) {
                require(!decoder_.why().empty(), "a violation has words");
                violated_ = true;
                return false;
            }
            if (result == FrameDecoder::Result::need_more) {
                require(input.empty(), "all input is used up before more is asked for");
                return true;
            }
            take(piece, chunk);
        }
    }

    [[nodiscard]] const std::vector<Frame>& frames() const { return frames_; }
    [[nodiscard]] bool violated() const { return violated_; }
    // Messages, and behind them perhaps the fault for which no more of them came.
    [[nodiscard]] const std::vector<Event>& events() const { return events_; }

  private:
    void take(const FramePiece& piece, const Bytes& chunk) {
        require(piece.first != inside_, "the first piece of a frame, and no other, is called so");
        if (piece.first)
            frames_.push_back({static_cast<unsigned>(piece.opcode),
                               piece.fin,
                               piece.compressed,
                               piece.frame_size,
                               {}});
        Frame& frame = frames_.back();
        const std::uint8_t* const begin = piece.payload.data();
        require(
            begin >= chunk.data() && begin + piece.payload.size() <= chunk.data() + chunk.size(),
            "a piece is a view of the input");
        frame.payload.insert(frame.payload.end(), piece.payload.begin(), piece.payload.end());
        require(piece.last == frame.is_whole(), "the last piece is where the frame is whole");
        require(piece.ascii == std::all_of(piece.payload.begin(), piece.payload.end(),
                                           [](std::uint8_t byte) { return byte < 0x80; }),
                "what is called ASCII is, and is called so");
        inside_ = !piece.last;
        if (!is_control(piece.opcode)) assemble(piece);
    }

    void assemble(const FramePiece& piece) {
        if (piece.first && piece.opcode != Opcode::continuation) compressed_ = piece.compressed;
        if (compressed_ || faulty_) return;
        using Outcome = MessageAssembler::Outcome;
        protocol::Message message;
        const auto outcome = assembler_.add(piece, rules_.max_message, spare_, message);
        require(assembler_.held() <= rules_.max_message, "no more is held than may be");
        if (outcome == Outcome::complete) {
            events_.push_back({message.is_text ? Event::Kind::text : Event::Kind::binary,
                               {message.payload.begin(), message.payload.end()},
                               0,
                               0});
            assembler_.release(spare_);
            require(assembler_.held() == 0, "after release() nothing is held");
        }
        faulty_ = outcome == Outcome::too_big || outcome == Outcome::bad_utf8;
        if (faulty_) events_.push_back(failure(outcome == Outcome::too_big ? 1009 : 1007));
    }

    Rules rules_;
    FrameDecoder decoder_;
    MessageAssembler assembler_;
    protocol::SpareBuffers spare_;
    std::vector<Frame> frames_;
    std::vector<Event> events_;
    bool inside_ = false;
    bool violated_ = false;
    bool compressed_ = false;
    bool faulty_ = false;
};

// Tells no more of compressed messages than that they are there.
class NoInflater : public Inflater {
  public:
    Result inflate(View /*data*/, bool /*is_whole*/, std::size_t /*max*/, Bytes& /*to*/) override {
        return Result::begun;
    }
};

bool is_message_or_fault(const Event& event) {
    return event.kind == Event::Kind::text || event.kind == Event::Kind::binary ||
           event.kind == Event::Kind::failure;
}

// The reference's messages and faults; close frames do not end this stream.
std::vector<Event> expected_events(View stream, const Rules& rules) {
    Frames read = read_frames(stream, rules);
    std::vector<Event> events;
    Bytes plain;  // the stream again, without what this target does not look at
    bool compressed = false;
    for (const Frame& frame : read.frames) {
        if (frame.opcode >= 8) continue;
        if (frame.opcode != 0) compressed = frame.compressed;
        if (compressed) continue;
        const unsigned first = frame.opcode | (frame.fin ? 0x80U : 0U);
        plain.push_back(static_cast<std::uint8_t>(first));
        if (frame.size <= 125) {
            plain.push_back(static_cast<std::uint8_t>(frame.size));
        } else {
            const std::size_t size = frame.size <= 0xFFFF ? 2 : 8;
            plain.push_back(size == 2 ? 126 : 127);
            for (std::size_t i = size; i-- > 0;)
                plain.push_back(static_cast<std::uint8_t>((frame.size >> (8 * i)) & 0xFFU));
        }
        plain.insert(plain.end(), frame.payload.begin(), frame.payload.end());
    }
    NoInflater none;
    events = ReferencePeer{{false, false, rules.max_message}, &none}.judge(plain);
    return events;
}

void compare(const Engine& engine, const Frames& frames, const std::vector<Event>& events) {
    require(engine.frames() == frames.frames, "the frames are those of the reference");
    require(engine.violated() == frames.violated, "a fault is found where the reference finds it");
    require(engine.events().size() == events.size(), "there are as many messages and faults");
    for (std::size_t i = 0; i < events.size(); ++i) {
        require(is_message_or_fault(events[i]), "the reference tells of messages and faults only");
        require(engine.events()[i].kind == events[i].kind, "text is text, binary is binary");
        require(engine.events()[i].payload == events[i].payload, "messages are not changed");
        require(engine.events()[i].code == events[i].code, "a fault has its code");
    }
}

// What a client and a server write is read as what it was.
void round_trip(View payload, std::uint8_t first) {
    const Opcode opcode = (first & 1U) != 0 ? Opcode::text : Opcode::binary;
    const protocol::MaskingKey key{first, 0x5A, static_cast<std::uint8_t>(first * 7U), 0x81};
    Bytes stream;
    protocol::append_client_frame(stream, opcode, payload, key);
    require(stream.size() == protocol::client_frame_size(payload.size()), "the size is told right");
    Frames read = read_frames(stream, {});
    require(!read.violated && read.frames.size() == 1 && equal(read.frames[0].payload, payload) &&
                read.frames[0].is_whole() && read.frames[0].opcode == unsigned(opcode),
            "a client's frame is read as it was written");

    const protocol::ServerHeader header{opcode, payload.size(), (first & 2U) != 0};
    stream.assign(header.bytes().begin(), header.bytes().end());
    stream.insert(stream.end(), payload.begin(), payload.end());
    require(stream.size() == protocol::server_frame_size(payload.size()), "the size is told right");
    read = read_frames(stream, {false, true, SIZE_MAX});
    require(!read.violated && read.frames.size() == 1 && equal(read.frames[0].payload, payload) &&
                read.frames[0].compressed == header.is_compressed(),
            "a server's frame is read as it was written");
}

void judge_as_close(View payload) {
    const auto parsed = protocol::parse_close(payload);
    const Event expected = judge_close(payload);
    if (const auto* status = std::get_if<protocol::CloseStatus>(&parsed)) {
        require(expected.kind == Event::Kind::close && expected.code == unsigned(status->code),
                "a close frame's code is the reference's");
        require(equal(bytes_of(status->reason), expected.payload), "and its reason");
    } else {
        require(expected.kind == Event::Kind::failure &&
                    expected.code == unsigned(std::get<protocol::CloseViolation>(parsed).answer),
                "a wrong close frame is answered as the reference does");
    }
}

}  // namespace

void check(View input) {
    Reader reader{input};
    const std::uint8_t first = reader.byte();
    const std::uint8_t seed = reader.byte();
    const Rules rules{(first & 1U) == 0, (first & 2U) != 0,
                      (first & 4U) != 0 ? std::size_t{100} : std::size_t{1} << 20U};
    const View stream = reader.rest();

    const Frames frames = read_frames(stream, rules);
    const std::vector<Event> events = expected_events(stream, rules);
    Engine at_once{rules};
    at_once.feed(stream);
    compare(at_once, frames, events);
    Engine in_pieces{rules};
    for_each_piece(stream, seed, [&](View piece) { return in_pieces.feed(piece); });
    compare(in_pieces, frames, events);

    round_trip(stream, first);
    judge_as_close(stream);
}

}  // namespace wsecho::fuzz
