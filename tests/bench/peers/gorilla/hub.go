package main

import (
	"sync"

	"github.com/gorilla/websocket"
)

// Members of the broadcast. Each has a lock of its own, since only one goroutine may write
// to a gorilla connection at a time and any of them may publish.
type hub struct {
	mutex   sync.RWMutex
	members map[*member]struct{}
}

type member struct {
	mutex      sync.Mutex
	connection *websocket.Conn
}

func newHub() *hub { return &hub{members: make(map[*member]struct{})} }

func (h *hub) serve(connection *websocket.Conn) {
	self := &member{connection: connection}
	h.mutex.Lock()
	h.members[self] = struct{}{}
	h.mutex.Unlock()
	defer func() {
		h.mutex.Lock()
		delete(h.members, self)
		h.mutex.Unlock()
	}()
	for {
		kind, message, err := connection.ReadMessage()
		if err != nil {
			return
		}
		prepared, err := websocket.NewPreparedMessage(kind, message)
		if err != nil {
			return
		}
		h.publish(prepared)
	}
}

func (h *hub) publish(message *websocket.PreparedMessage) {
	h.mutex.RLock()
	defer h.mutex.RUnlock()
	for each := range h.members {
		each.mutex.Lock()
		// A peer that is gone shows at its own read.
		_ = each.connection.WritePreparedMessage(message)
		each.mutex.Unlock()
	}
}
