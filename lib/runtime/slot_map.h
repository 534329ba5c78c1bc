// Generation-tagged ids: a key that outlived its value finds nothing, never another value.
// Not synchronized: who shares one between threads guards it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace wsecho::runtime {

struct SlotKey {
    std::uint32_t index = 0;
    std::uint32_t generation = 0;  // never 0 in a key that was given out

    friend bool operator==(SlotKey, SlotKey) = default;
};

// The holder owns a value: a std::unique_ptr, of whatever deleter.
template <class Value, class Holder = std::unique_ptr<Value>>
class SlotMap {
  public:
    explicit SlotMap(std::uint32_t max_slots) : max_slots_(max_slots) {}

    // Nothing when every slot is taken.
    template <class Make>  // Make: SlotKey -> Holder
    Value* insert(Make&& make) {
        if (free_.empty()) {
            if (slots_.size() == max_slots_) return nullptr;
            // Room for every slot from now on: extract() needs no memory.
            if (free_.capacity() <= slots_.size()) free_.reserve(2 * slots_.size() + 16);
            slots_.emplace_back();
            free_.push_back(static_cast<std::uint32_t>(slots_.size() - 1));
        }
        const std::uint32_t index = free_.back();
        Slot& slot = slots_[index];
        slot.value = std::forward<Make>(make)(SlotKey{index, slot.generation});
        free_.pop_back();
        return slot.value.get();
    }

    [[nodiscard]] Value* find(SlotKey key) const noexcept {
        if (key.index >= slots_.size() || slots_[key.index].generation != key.generation)
            return nullptr;
        return slots_[key.index].value.get();
    }

    // The value, for its holder to end it; the key is stale from here on.
    Holder extract(SlotKey key) {
        if (find(key) == nullptr) return nullptr;
        Slot& slot = slots_[key.index];
        free_.push_back(key.index);
        if (++slot.generation == 0) slot.generation = 1;
        return std::move(slot.value);
    }

    // `use` may not insert or extract.
    template <class Use>  // Use: Value& -> void
    void for_each(Use&& use) {
        for (Slot& slot : slots_)
            if (slot.value) use(*slot.value);
    }

    [[nodiscard]] std::size_t size() const noexcept { return slots_.size() - free_.size(); }

  private:
    struct Slot {
        Holder value;
        std::uint32_t generation = 1;
    };

    std::vector<Slot> slots_;
    std::vector<std::uint32_t> free_;
    std::uint32_t max_slots_;
};

}  // namespace wsecho::runtime
