// A doubly linked list of items that carry their own links: adding and removing need no memory and
// take the same time however long the list is. Owns nothing; not synchronized.
#pragma once

namespace wsecho::runtime {

// An item's place in one list. An item with several hooks can be in several lists.
template <class Item>
struct ListHook {
    Item* previous = nullptr;
    Item* next = nullptr;
};

template <class Item, ListHook<Item> Item::*hook>
class IntrusiveList {
  public:
    [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
    // The item that was added first, or nullptr.
    [[nodiscard]] Item* front() const noexcept { return first_; }
    // The item behind this one, or nullptr.
    [[nodiscard]] static Item* next(const Item& item) noexcept { return (item.*hook).next; }

    // The item is in no list of this hook.
    void push_back(Item& item) noexcept {
        (item.*hook) = {last_, nullptr};
        (last_ == nullptr ? first_ : (last_->*hook).next) = &item;
        last_ = &item;
    }

    // The item is in this list.
    void remove(Item& item) noexcept {
        const ListHook<Item> links = item.*hook;
        (links.previous == nullptr ? first_ : (links.previous->*hook).next) = links.next;
        (links.next == nullptr ? last_ : (links.next->*hook).previous) = links.previous;
        (item.*hook) = {};
    }

  private:
    Item* first_ = nullptr;
    Item* last_ = nullptr;
};

}  // namespace wsecho::runtime
