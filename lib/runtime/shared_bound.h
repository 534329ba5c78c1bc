// A bound on memory that many owners share, and who gives way when it is reached: one of those who
// hold the most. Owners are kept by the size of what they hold, in classes of which each is twice
// the one before, so that an update costs the same however many there are. Pure.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <limits>

namespace wsecho::runtime {

// What one of `parts` that share a bound evenly has of it; 0 bytes: no bound.
[[nodiscard]] constexpr std::size_t share_of_bound(std::size_t bytes, std::size_t parts) noexcept {
    return bytes == 0 ? std::numeric_limits<std::size_t>::max() : bytes / parts;
}

template <class Owner>
class SharedBound {
  public:
    // An owner's place among the others. Its end takes the owner out.
    class Place {
      public:
        Place() noexcept = default;
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        ~Place() { leave(); }

        void leave() noexcept {
            if (next_ == nullptr) return;
            previous_->next_ = next_;
            next_->previous_ = previous_;
            previous_ = next_ = nullptr;
            size_class_ = 0;
        }

      private:
        friend class SharedBound;
        Owner* owner_ = nullptr;
        Place* previous_ = nullptr;
        Place* next_ = nullptr;
        unsigned size_class_ = 0;  // 0: nowhere
    };

    explicit SharedBound(std::size_t bytes) noexcept : bytes_(bytes) {
        for (Place& head : heads_)
            head.previous_ = head.next_ = &head;
    }
    SharedBound(const SharedBound&) = delete;
    SharedBound& operator=(const SharedBound&) = delete;

    [[nodiscard]] bool fits(std::size_t total) const noexcept { return total <= bytes_; }

    // The owner holds so much now; with 0 it is not among the others any more.
    void update(Place& place, Owner& owner, std::size_t held) noexcept {
        const unsigned size_class = class_of(held);
        if (size_class == place.size_class_) return;
        place.leave();
        if (held == 0) return;
        place.owner_ = &owner;
        place.size_class_ = size_class;
        Place& head = heads_[size_class];
        place.previous_ = head.previous_;
        place.next_ = &head;
        head.previous_->next_ = &place;
        head.previous_ = &place;
    }

    // One of the owners that hold the most; nullptr where nobody holds anything.
    // `but_for` is passed over.
    [[nodiscard]] Owner* greediest(const Owner* but_for = nullptr) const noexcept {
        return greediest_above(0, but_for);
    }
    // The same, if it is of a larger class than one that holds so much would be: who wants to hold
    // as much as the greediest has no claim against it.
    [[nodiscard]] Owner* who_gives_way_to(std::size_t held) const noexcept {
        return greediest_above(class_of(held), nullptr);
    }

    // Makes room for `more` of one that holds `held`, at the cost of those who hold much more.
    // False: there are none. `give_way` has its owner hold less, or leave.
    template <class ReadTotal, class GiveWay>  // () -> std::size_t; Owner& -> void
    bool make_room(std::size_t held, std::size_t more, ReadTotal&& read_total, GiveWay&& give_way) {
        while (!fits(read_total() + more)) {
            Owner* const greediest = who_gives_way_to(held + more);
            if (greediest == nullptr) return false;
            give_way(*greediest);
        }
        return true;
    }
    // Keeps to the bound, where one holds more already: at the cost of any other.
    template <class ReadTotal, class GiveWay>
    void keep(const Owner* but_for, ReadTotal&& read_total, GiveWay&& give_way) {
        while (!fits(read_total())) {
            Owner* const greediest = this->greediest(but_for);
            if (greediest == nullptr) return;
            give_way(*greediest);
        }
    }

  private:
    static constexpr std::size_t classes = std::numeric_limits<std::size_t>::digits + 1;

    [[nodiscard]] static unsigned class_of(std::size_t held) noexcept {
        return static_cast<unsigned>(std::bit_width(held));
    }
    [[nodiscard]] Owner* greediest_above(unsigned size_class, const Owner* but_for) const noexcept {
        for (std::size_t at = classes - 1; at > size_class; --at)
            for (const Place* place = heads_[at].next_; place != &heads_[at]; place = place->next_)
                if (place->owner_ != but_for) return place->owner_;
        return nullptr;
    }

    const std::size_t bytes_;
    std::array<Place, classes> heads_;  // rings: a head is its own neighbour when empty
};

}  // namespace wsecho::runtime
