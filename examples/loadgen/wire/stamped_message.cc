// Where the stamp lies in the message and how it is written, plain and masked.
#include "wire/stamped_message.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <string_view>

namespace wsecho::loadgen {
namespace {

// Each field starts at a multiple of four, where the masking key starts over too.
constexpr std::string_view opening =
    R"({ "sequence" : "00000000","connection":"00000000","text":")";
constexpr std::string_view closing = R"("})";
constexpr std::string_view filler = "The quick brown fox jumps over the lazy dog. ";
constexpr std::size_t digits = 8;
constexpr std::size_t json_sequence_at = 16;
constexpr std::size_t json_connection_at = 40;
constexpr std::size_t min_json = 64;
static_assert(opening.substr(json_sequence_at, digits) == "00000000");
static_assert(opening.substr(json_connection_at, digits) == "00000000");
static_assert(opening.size() + closing.size() <= min_json);

using Digits = std::array<char, digits>;
using DigitPair = std::array<char, 2>;

constexpr auto digit_pairs = [] {
    constexpr std::string_view hexadecimal = "0123456789abcdef";
    std::array<DigitPair, 256> pairs{};
    for (std::size_t value = 0; value < pairs.size(); ++value) {
        pairs[value] = {hexadecimal[value / 16], hexadecimal[value % 16]};
    }
    return pairs;
}();

// The fastest changing digits first, so that even a one-byte message changes each time.
Digits low_digits_first(std::uint32_t number) {
    Digits text{};
    for (std::size_t index = 0; index < digits; index += 2) {
        const DigitPair pair = digit_pairs[number & 0xFFU];
        text[index] = pair[1];
        text[index + 1] = pair[0];
        number >>= 8U;
    }
    return text;
}

Digits high_digits_first(std::uint32_t number) {
    Digits text{};
    for (std::size_t index = digits; index > 0; index -= 2) {
        const DigitPair pair = digit_pairs[number & 0xFFU];
        text[index - 2] = pair[0];
        text[index - 1] = pair[1];
        number >>= 8U;
    }
    return text;
}

Digits masked(Digits text) {
    std::uint64_t word = 0;
    const std::array<MaskingKey, 2> twice{masking_key, masking_key};
    std::uint64_t key = 0;
    std::memcpy(&word, text.data(), sizeof word);
    std::memcpy(&key, twice.data(), sizeof key);
    word ^= key;
    std::memcpy(text.data(), &word, sizeof word);
    return text;
}

// `payload` is masked or not, as the caller says: only the stamp's bytes are written.
void write_stamp(std::span<std::uint8_t> payload, Stamp stamp, bool mask) {
    if (payload.size() >= min_json) {
        const Digits sequence = high_digits_first(stamp.sequence);
        const Digits connection = high_digits_first(stamp.connection);
        const Digits first = mask ? masked(sequence) : sequence;
        const Digits second = mask ? masked(connection) : connection;
        std::memcpy(payload.data() + json_sequence_at, first.data(), digits);
        std::memcpy(payload.data() + json_connection_at, second.data(), digits);
        return;
    }
    const Digits sequence = low_digits_first(stamp.sequence);
    const Digits connection = low_digits_first(stamp.connection);
    const Digits first = mask ? masked(sequence) : sequence;
    const Digits second = mask ? masked(connection) : connection;
    const std::size_t first_size = std::min(digits, payload.size());
    const std::size_t second_size = std::min(digits, payload.size() - first_size);
    if (first_size > 0) std::memcpy(payload.data(), first.data(), first_size);
    if (second_size > 0) std::memcpy(payload.data() + digits, second.data(), second_size);
}

std::optional<std::uint32_t> number_in(Digits text) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::vector<std::uint8_t> unstamped_payload(std::size_t size) {
    std::vector<std::uint8_t> payload;
    payload.reserve(size);
    if (size >= min_json) payload.assign(opening.begin(), opening.end());
    const std::size_t body_end = size >= min_json ? size - closing.size() : size;
    for (std::size_t index = 0; payload.size() < body_end; ++index) {
        payload.push_back(static_cast<std::uint8_t>(filler[index % filler.size()]));
    }
    if (size >= min_json) payload.insert(payload.end(), closing.begin(), closing.end());
    return payload;
}

}  // namespace

std::optional<std::uint32_t> stamped_sequence(Bytes payload) noexcept {
    const bool is_json =
        payload.size() >= json_connection_at &&
        std::equal(opening.begin(), opening.begin() + json_sequence_at, payload.begin());
    const std::size_t start = is_json ? json_sequence_at : 0;
    if (payload.size() < start + digits) return std::nullopt;
    Digits text{};
    std::memcpy(text.data(), payload.data() + start, digits);
    if (!is_json) std::reverse(text.begin(), text.end());
    return number_in(text);
}

StampedMessage::StampedMessage(std::size_t size, Opcode opcode)
    : opcode_(opcode), payload_(unstamped_payload(size)), frame_(client_frame(opcode, payload_)) {}

Bytes StampedMessage::payload(Stamp stamp) noexcept {
    write_stamp(payload_, stamp, false);
    return payload_;
}

Bytes StampedMessage::masked_frame(Stamp stamp) noexcept {
    write_stamp(std::span(frame_).last(payload_.size()), stamp, true);
    return frame_;
}

Bytes StampedMessage::masked_frames(Stamp first, std::size_t count) {
    if (count == 1) return masked_frame(first);
    if (batch_.size() < count * frame_.size()) batch_.resize(count * frame_.size());
    for (std::size_t index = 0; index < count; ++index) {
        const Bytes frame = masked_frame(first);
        std::memcpy(batch_.data() + index * frame.size(), frame.data(), frame.size());
        ++first.sequence;
    }
    return Bytes(batch_).first(count * frame_.size());
}

}  // namespace wsecho::loadgen
