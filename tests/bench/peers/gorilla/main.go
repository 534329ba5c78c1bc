// An echo or broadcast server on gorilla/websocket, to be measured beside wsecho.
//
// Choices: the upgrader keeps its default, the HTTP server's own buffers of 4 KiB.
// --small-buffers takes what gorilla's documentation offers to those with many connections,
// 1 KiB to read and a pool to write from; measured, it is no smaller, since the HTTP server's
// buffers are made all the same. A goroutine for each connection reads and answers, which is
// the usual program; --separate-writer gives each connection a second goroutine that writes. A
// broadcast is one PreparedMessage, written in a loop: cheaper than a goroutine and a channel
// for each peer. Go raises the descriptor limit by itself, and takes as many threads as the
// process may use cores.
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

	"github.com/gorilla/websocket"
)

const (
	smallBuffer = 1024
	queueLength = 64
	soReusePort = 0xf // the syscall package does not name Linux's SO_REUSEPORT
)

func main() {
	port := flag.Int("port", 0, "port on 127.0.0.1; 0 for any")
	mode := flag.String("mode", "echo", "echo or broadcast")
	separateWriter := flag.Bool("separate-writer", false, "a second goroutine writes for each connection")
	smallBuffers := flag.Bool("small-buffers", false, "1 KiB to read, a shared pool to write from")
	compress := flag.Bool("compress", false, "agree to permessage-deflate")
	reusePort := flag.Bool("reuse-port", false, "share the port with other processes")
	flag.Parse()
	if *mode != "echo" && *mode != "broadcast" {
		fail(2, fmt.Errorf("--mode is echo or broadcast, not '%s'", *mode))
	}

	upgrader := &websocket.Upgrader{EnableCompression: *compress}
	if *smallBuffers {
		upgrader.ReadBufferSize = smallBuffer
		upgrader.WriteBufferSize = smallBuffer
		upgrader.WriteBufferPool = &sync.Pool{}
	}
	serve := echo
	if *separateWriter {
		serve = echoThroughWriter
	}
	if *mode == "broadcast" {
		serve = newHub().serve
	}

	listener, err := listen(*port, *reusePort)
	if err != nil {
		fail(1, err)
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	fmt.Printf("listening on %s\n", listener.Addr())

	handler := func(response http.ResponseWriter, request *http.Request) {
		// The upgrader answers those that it refuses.
		connection, err := upgrader.Upgrade(response, request, nil)
		if err != nil {
			return
		}
		defer connection.Close()
		serve(connection)
	}
	go func() { fail(1, http.Serve(listener, http.HandlerFunc(handler))) }()
	<-stop
}

func fail(status int, err error) {
	fmt.Fprintf(os.Stderr, "gorilla: %v\n", err)
	os.Exit(status)
}

func listen(port int, reusePort bool) (net.Listener, error) {
	config := net.ListenConfig{}
	if reusePort {
		config.Control = func(_, _ string, raw syscall.RawConn) error {
			var failed error
			err := raw.Control(func(descriptor uintptr) {
				failed = syscall.SetsockoptInt(int(descriptor), syscall.SOL_SOCKET, soReusePort, 1)
			})
			if err != nil {
				return err
			}
			return failed
		}
	}
	return config.Listen(context.Background(), "tcp", fmt.Sprintf("127.0.0.1:%d", port))
}

func echo(connection *websocket.Conn) {
	for {
		kind, message, err := connection.ReadMessage()
		if err != nil {
			return
		}
		if connection.WriteMessage(kind, message) != nil {
			return
		}
	}
}

type answer struct {
	kind    int
	message []byte
}

func echoThroughWriter(connection *websocket.Conn) {
	answers := make(chan answer, queueLength)
	defer close(answers)
	go func() {
		for next := range answers {
			if connection.WriteMessage(next.kind, next.message) != nil {
				connection.Close()
			}
		}
	}()
	for {
		kind, message, err := connection.ReadMessage()
		if err != nil {
			return
		}
		answers <- answer{kind, message}
	}
}
