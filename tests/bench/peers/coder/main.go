// An echo or broadcast server on coder/websocket (formerly nhooyr.io/websocket), to be
// measured beside wsecho.
//
// Choices: compression stays off, which is the default; whole messages are read and written,
// since small ones gain nothing from the streaming reader and writer. A goroutine for each
// connection reads and answers. A broadcast is a plain loop, for there is no prepared
// message; the library's own lock lets any goroutine write. Go raises the descriptor limit
// by itself, and takes as many threads as the process may use cores.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/coder/websocket"
)

// Above the default of 32 KiB: large messages are measured, too.
const maxMessage = 64 << 20

func main() {
	port := flag.Int("port", 0, "port on 127.0.0.1; 0 for any")
	mode := flag.String("mode", "echo", "echo or broadcast")
	flag.Parse()
	serve := echo
	switch *mode {
	case "echo":
	case "broadcast":
		serve = (&hub{members: make(map[*websocket.Conn]struct{})}).serve
	default:
		fail(2, fmt.Errorf("--mode is echo or broadcast, not '%s'", *mode))
	}

	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err != nil {
		fail(1, err)
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	fmt.Printf("listening on %s\n", listener.Addr())

	handler := func(response http.ResponseWriter, request *http.Request) {
		// Accept answers those that it refuses.
		connection, err := websocket.Accept(response, request, nil)
		if err != nil {
			return
		}
		defer connection.CloseNow()
		connection.SetReadLimit(maxMessage)
		// The request's own context means nothing once the connection is hijacked.
		serve(context.Background(), connection)
	}
	go func() { fail(1, http.Serve(listener, http.HandlerFunc(handler))) }()
	<-stop
}

func fail(status int, err error) {
	fmt.Fprintf(os.Stderr, "coder: %v\n", err)
	os.Exit(status)
}

func echo(ctx context.Context, connection *websocket.Conn) {
	for {
		kind, message, err := connection.Read(ctx)
		if err != nil {
			return
		}
		if connection.Write(ctx, kind, message) != nil {
			return
		}
	}
}

type hub struct {
	mutex   sync.RWMutex
	members map[*websocket.Conn]struct{}
}

func (h *hub) serve(ctx context.Context, connection *websocket.Conn) {
	h.mutex.Lock()
	h.members[connection] = struct{}{}
	h.mutex.Unlock()
	defer func() {
		h.mutex.Lock()
		delete(h.members, connection)
		h.mutex.Unlock()
	}()
	for {
		kind, message, err := connection.Read(ctx)
		if err != nil {
			return
		}
		h.publish(ctx, kind, message)
	}
}

func (h *hub) publish(ctx context.Context, kind websocket.MessageType, message []byte) {
	h.mutex.RLock()
	defer h.mutex.RUnlock()
	for each := range h.members {
		// A peer that is gone shows at its own read.
		_ = each.Write(ctx, kind, message)
	}
}
