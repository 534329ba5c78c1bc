// What a stream of frames means by the letter of RFC 6455 and RFC 7692, worked out with the whole
// stream in hand: slow, simple, and apart from lib/protocol.
#pragma once

#include <optional>

#include "fuzz.h"
#include "reference_utf8.h"

namespace wsecho::fuzz {

struct Rules {
    bool from_client = true;   // its frames are masked
    bool compression = false;  // the first frame of a message may have RSV1
    std::size_t max_message = SIZE_MAX;
};

struct Frame {
    unsigned opcode = 0;
    bool fin = false;
    bool compressed = false;
    std::uint64_t size = 0;  // as its header says
    Bytes payload;           // what came of it
    friend bool operator==(const Frame&, const Frame&) = default;
    [[nodiscard]] bool is_whole() const { return payload.size() == size; }
};

struct Frames {
    std::vector<Frame> frames;
    bool violated = false;  // behind them
};

// Section 5.2, one frame after the other.
inline Frames read_frames(View stream, const Rules& rules) {
    Frames read;
    bool in_message = false;
    while (stream.size() >= 2) {
        Reader reader{stream};
        const unsigned first = reader.byte();
        const unsigned second = reader.byte();
        const unsigned short_size = second & 0x7FU;
        const std::size_t more = short_size == 127 ? 8 : short_size == 126 ? 2 : 0;
        const bool masked = second >= 0x80;
        if (stream.size() < 2 + more + (masked ? 4 : 0)) return read;
        Frame frame{first & 0xFU, first >= 0x80, (first & 0x40U) != 0, short_size, {}};
        if (more > 0) frame.size = reader.number(more);
        const View key = reader.bytes(masked ? 4 : 0);

        const bool control = frame.opcode >= 8;
        const bool known = frame.opcode <= 2 || (control && frame.opcode <= 10);
        const bool continues = frame.opcode == 0;
        const bool shortest = more == 0 || frame.size > (more == 2 ? 125U : 0xFFFFU);
        const bool bits = (first & 0x30U) == 0 &&
                          (!frame.compressed || (rules.compression && !control && !continues));
        const bool in_order = control || continues == in_message;
        const bool small = !control || (frame.fin && frame.size <= 125);
        read.violated = !known || !bits || !shortest || !in_order || !small ||
                        masked != rules.from_client || frame.size > INT64_MAX;
        if (read.violated) return read;
        if (!control) in_message = !frame.fin;

        const auto size = std::min<std::uint64_t>(frame.size, reader.rest().size());
        const View payload = reader.bytes(static_cast<std::size_t>(size));
        for (std::size_t i = 0; i < payload.size(); ++i)
            frame.payload.push_back(masked ? static_cast<std::uint8_t>(payload[i] ^ key[i % 4])
                                           : payload[i]);
        read.frames.push_back(std::move(frame));
        stream = reader.rest();
        if (!read.frames.back().is_whole()) break;
    }
    return read;
}

// What a peer does upon a stream, in order.
struct Event {
    enum class Kind : std::uint8_t {
        text,
        binary,
        ping,
        close,    // the peer's close frame; `code` 1005 where it has none
        failure,  // the connection is failed with `code`, or with `other_code`
    };
    Kind kind{};
    Bytes payload{};
    unsigned code = 0;
    unsigned other_code = 0;  // where the order in which faults are found depends on the pieces
};

// Inflates the messages of one direction, each as a whole.
class Inflater {
  public:
    virtual ~Inflater() = default;
    enum class Result : std::uint8_t { whole, begun, corrupt, too_big };
    // Appends what a message, or its begin, inflates to, as far as it is right and within `max`.
    virtual Result inflate(View data, bool is_whole, std::size_t max, Bytes& to) = 0;
};

inline Event failure(unsigned code, unsigned other_code = 0) {
    return {Event::Kind::failure, {}, code, other_code == 0 ? code : other_code};
}

// Section 7.4: the code of a close frame's payload, or that with which it is answered.
inline Event judge_close(View payload) {
    if (payload.empty()) return {Event::Kind::close, {}, 1005, 0};
    if (payload.size() < 2) return failure(1002);
    const unsigned code = payload[0] * 256U + payload[1];
    const bool is_named =
        code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
    if (!is_named && (code < 3000 || code > 4999)) return failure(1002);
    if (judge_utf8(payload.subspan(2)) != Text::whole) return failure(1007);
    return {Event::Kind::close, {payload.begin() + 2, payload.end()}, code, 0};
}

class ReferencePeer {
  public:
    ReferencePeer(const Rules& rules, Inflater* inflater) : rules_(rules), inflater_(inflater) {}

    std::vector<Event> judge(View stream) {
        const Frames read = read_frames(stream, rules_);
        for (const Frame& frame : read.frames)
            if (!take(frame)) return std::move(events_);
        if (read.violated) events_.push_back(failure(1002));
        return std::move(events_);
    }

  private:
    // False: nothing that follows counts.
    bool take(const Frame& frame) {
        if (frame.opcode >= 8) return !frame.is_whole() || take_control(frame);
        if (frame.opcode != 0) {
            is_text_ = frame.opcode == 1;
            is_compressed_ = frame.compressed;
            data_.clear();
        }
        if (!is_compressed_ && frame.size > rules_.max_message - data_.size()) return fail(1009);
        data_.insert(data_.end(), frame.payload.begin(), frame.payload.end());
        const bool is_end = frame.fin && frame.is_whole();
        Bytes message;
        if (is_compressed_) {
            const auto result = inflater_->inflate(data_, is_end, rules_.max_message, message);
            const bool is_bad_text = is_text_ && judge_utf8(message) == Text::invalid;
            if (result == Inflater::Result::too_big) return fail(1009, is_bad_text ? 1007 : 1009);
            if (result == Inflater::Result::corrupt) return fail(1007);
        } else {
            message = data_;
        }
        const Text text = is_text_ ? judge_utf8(message) : Text::whole;
        if (text == Text::invalid || (is_end && text == Text::begun)) return fail(1007);
        if (is_end)
            events_.push_back(
                {is_text_ ? Event::Kind::text : Event::Kind::binary, std::move(message), 0, 0});
        return true;
    }

    bool take_control(const Frame& frame) {
        if (frame.opcode == 9) events_.push_back({Event::Kind::ping, frame.payload, 0, 0});
        if (frame.opcode != 8) return true;
        events_.push_back(judge_close(frame.payload));
        return false;
    }

    bool fail(unsigned code, unsigned other_code = 0) {
        events_.push_back(failure(code, other_code));
        return false;
    }

    Rules rules_;
    Inflater* inflater_;
    std::vector<Event> events_;
    Bytes data_;  // of the message under way, as it travels
    bool is_text_ = false;
    bool is_compressed_ = false;
};

}  // namespace wsecho::fuzz
