// wsecho.EventQueue: a server's events in batches, behind a descriptor to wait on.
#pragma once

#include <unordered_map>
#include <vector>

#include "callbacks.h"
#include "core.h"

namespace wsecho::python {

class EventQueue {
  public:
    explicit EventQueue(std::uint64_t max_bytes);
    EventQueue(const EventQueue&) = delete;
    EventQueue& operator=(const EventQueue&) = delete;
    ~EventQueue();

    [[nodiscard]] int fileno() const;
    // What waits, up to a number, as tuples of the event's type, the connection, and a value.
    py::list take(std::size_t most);
    void close();

    // Whose events it may hold: as long as it is open.
    void keep_server(const py::object& server);
    void check_open() const;
    [[nodiscard]] wsecho_event_queue* handle() const noexcept { return handle_; }

    int traverse(visitproc visit, void* arg) const;
    void clear();

  private:
    // What the engine does not know: those whose open event was taken after others had happened.
    struct Key {
        ServerCore* core;
        wsecho_connection_id id;
        bool operator==(const Key&) const = default;
    };
    struct Hash {
        std::size_t operator()(const Key& key) const noexcept {
            return std::hash<std::uint64_t>{}(key.id) ^ std::hash<const void*>{}(key.core);
        }
    };

    ConnectionObject* connection_of(const wsecho_event& event);
    py::object value_of(const wsecho_event& event);
    void append(py::list& events, const wsecho_event& event);

    wsecho_event_queue* handle_ = nullptr;
    std::uint32_t process_ = process_number();
    bool is_taking_ = false;
    std::vector<wsecho_event> taken_;
    std::unordered_map<Key, ConnectionObject*, Hash> connections_;
    std::vector<py::object> servers_;
};

void add_event_queue(py::module_& module);  // once, at its import

}  // namespace wsecho::python
