#include "runtime/pool.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/lsan_interface.h>
#endif

namespace wsecho::runtime {

namespace {

constexpr std::size_t first_slab_bytes = std::size_t{64} << 10U;
constexpr std::size_t growth = 8;

// What the address sanitizer is told of memory that it does not give out itself.
#if defined(__SANITIZE_ADDRESS__)
void forbid(const void* start, std::size_t size) noexcept {
    ASAN_POISON_MEMORY_REGION(start, size);
}
void permit(const void* start, std::size_t size) noexcept {
    ASAN_UNPOISON_MEMORY_REGION(start, size);
}
void holds_pointers(std::span<std::byte> memory) noexcept {
    __lsan_register_root_region(memory.data(), memory.size());
}
void holds_none(std::span<std::byte> memory) noexcept {
    __lsan_unregister_root_region(memory.data(), memory.size());
}
#else
void forbid(const void* /*start*/, std::size_t /*size*/) noexcept {}
void permit(const void* /*start*/, std::size_t /*size*/) noexcept {}
void holds_pointers(std::span<std::byte> /*memory*/) noexcept {}
void holds_none(std::span<std::byte> /*memory*/) noexcept {}
#endif

constexpr std::size_t rounded_up(std::size_t size, std::size_t alignment) noexcept {
    return (size + alignment - 1) / alignment * alignment;
}

constexpr std::size_t slab_alignment(std::size_t bytes) noexcept {
    return bytes == huge_slab_bytes ? huge_slab_bytes : page_bytes;
}

}  // namespace

void* Places::Slab::take(std::size_t place_size) noexcept {
    ++taken;
    if (fresh < capacity) {
        void* place = start() + place_size * fresh++;
        permit(place, place_size);
        return place;
    }
    Free* place = first;
    permit(place, place_size);
    first = place->next;
    return place;
}

void Places::Slab::give_back(void* place, std::size_t place_size) noexcept {
    --taken;
    Free* given = new (place) Free{nullptr};
    forbid(place, place_size);
    if (first == nullptr) {
        first = given;
    } else {
        permit(last, sizeof(Free));
        last->next = given;
        forbid(last, sizeof(Free));
    }
    last = given;
}

Places::Places(std::size_t size, std::size_t alignment, std::pmr::memory_resource& memory) noexcept
    : memory_(memory),
      place_size_(rounded_up(std::max(size, sizeof(Free)), std::max(alignment, alignof(Free)))) {}

Places::~Places() {
    while (!slabs_.empty())
        drop(std::prev(slabs_.end()));
}

void* Places::take() {
    while (roomy_ < slabs_.size() && !slabs_[roomy_].has_room())
        ++roomy_;
    if (roomy_ == slabs_.size()) add_slab();
    return slabs_[roomy_].take(place_size_);
}

void Places::give_back(void* place) noexcept {
    const auto slab = std::prev(first_behind(place));
    slab->give_back(place, place_size_);
    roomy_ = std::min(roomy_, static_cast<std::size_t>(slab - slabs_.begin()));
    if (slab->taken == 0) keep_one_empty(slab);
}

// Only when all are full.
void Places::add_slab() {
    const std::size_t bytes = next_slab_bytes();
    slabs_.reserve(slabs_.size() + 1);  // what is allocated below has its place
    auto* start = static_cast<std::byte*>(memory_.allocate(bytes, slab_alignment(bytes)));
    const auto slab = slabs_.insert(first_behind(start), {{start, bytes}, bytes / place_size_});
    forbid(start, bytes);
    holds_pointers(slab->memory);
    roomy_ = static_cast<std::size_t>(slab - slabs_.begin());
}

std::size_t Places::next_slab_bytes() const noexcept {
    std::size_t bytes = first_slab_bytes;
    for (const Slab& slab : slabs_)
        bytes = std::max(bytes, std::min(huge_slab_bytes, growth * slab.memory.size()));
    return bytes;
}

// Who comes and goes at a slab's edge does not allocate it anew each time.
void Places::keep_one_empty(Slabs::iterator slab) noexcept {
    for (auto other = slabs_.begin(); other != slabs_.end(); ++other)
        if (other != slab && other->taken == 0)
            return drop(other->capacity > slab->capacity ? other : slab);
}

void Places::drop(Slabs::iterator slab) noexcept {
    const auto memory = slab->memory;
    permit(memory.data(), memory.size());
    holds_none(memory);
    slabs_.erase(slab);
    roomy_ = 0;
    memory_.deallocate(memory.data(), memory.size(), slab_alignment(memory.size()));
}

Places::Slabs::iterator Places::first_behind(const void* address) noexcept {
    return std::upper_bound(
        slabs_.begin(), slabs_.end(), address,
        [](const void* before, const Slab& slab) { return std::less<>{}(before, slab.start()); });
}

}  // namespace wsecho::runtime
