// What our own code costs for a message, without a socket: decoding, unmasking, UTF-8, timers.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/frame_decoder.h"
#include "protocol/message_assembler.h"
#include "protocol/unmask.h"
#include "protocol/utf8.h"
#include "runtime/timer_wheel.h"

namespace {

using namespace wsecho;

std::vector<std::uint8_t> client_text_frame(std::size_t size) {
    std::vector<std::uint8_t> frame{0x81};
    if (size <= 125) {
        frame.push_back(static_cast<std::uint8_t>(0x80U | size));
    } else {
        const bool is_long = size > 0xFFFF;
        frame.push_back(0x80U | (is_long ? 127U : 126U));
        for (int shift = is_long ? 56 : 8; shift >= 0; shift -= 8)
            frame.push_back(static_cast<std::uint8_t>(size >> static_cast<unsigned>(shift)));
    }
    frame.insert(frame.end(), 4, 0);  // a zero key, so that the frame can be decoded again
    frame.insert(frame.end(), size, 'x');
    return frame;
}

void bytes_per_second(benchmark::State& state, std::size_t size) {
    state.SetBytesProcessed(static_cast<std::int64_t>(size) * state.iterations());
}

void decode_a_text_message(benchmark::State& state) {
    const auto size = static_cast<std::size_t>(state.range(0));
    auto frame = client_text_frame(size);
    protocol::FrameDecoder decoder;
    protocol::MessageAssembler assembler;
    protocol::SpareBuffers spare;
    for (auto _ : state) {
        std::span<std::uint8_t> input{frame};
        protocol::FramePiece piece;
        protocol::Message message;
        benchmark::DoNotOptimize(decoder.next(input, piece));
        benchmark::DoNotOptimize(assembler.add(piece, size, spare, message));
    }
    bytes_per_second(state, size);
}
BENCHMARK(decode_a_text_message)->Arg(16)->Arg(256)->Arg(16384)->Arg(262144);

void unmask_a_payload(benchmark::State& state) {
    std::vector<std::uint8_t> payload(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        protocol::unmask(payload, {1, 2, 3, 4}, 0);
        benchmark::ClobberMemory();
    }
    bytes_per_second(state, payload.size());
}
BENCHMARK(unmask_a_payload)->Arg(256)->Arg(16384);

void validate_utf8(benchmark::State& state, const std::string& character) {
    std::string text;
    while (text.size() < 16384)
        text += character;
    const std::span bytes{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
    for (auto _ : state)
        benchmark::DoNotOptimize(protocol::is_utf8(bytes));
    bytes_per_second(state, text.size());
}
BENCHMARK_CAPTURE(validate_utf8, ascii, "x");
BENCHMARK_CAPTURE(validate_utf8, two_bytes, "\u00e9");
BENCHMARK_CAPTURE(validate_utf8, three_bytes, "\u6c34");

// The wheel with this many timers in it: the cost of moving one must not grow with them.
void reschedule_a_timer(benchmark::State& state) {
    using namespace std::chrono_literals;
    const runtime::TimePoint start{};
    runtime::TimerWheel wheel{start, 20ms};
    std::vector<runtime::Timer> timers(static_cast<std::size_t>(state.range(0)));
    for (std::size_t i = 0; i < timers.size(); ++i)
        wheel.schedule(timers[i], start + 1s + i * 2ms);
    std::size_t next = 0;
    for (auto _ : state) {
        wheel.schedule(timers[next], start + 30s + next * 2ms);
        next = (next + 7919) % timers.size();
    }
}
BENCHMARK(reschedule_a_timer)->Arg(100)->Arg(15000);

}  // namespace

BENCHMARK_MAIN();
