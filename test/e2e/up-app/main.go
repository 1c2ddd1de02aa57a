// The web server that the tests of `up` build into an image: it answers what its file says.
package main

import (
	"context"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	greeting, err := os.ReadFile("/greeting.txt")
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Addr: ":8080", Handler: http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		log.Println("GET", request.URL.Path)
		_, _ = answer.Write(greeting)
	})}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM)
	go func() {
		<-ended
		// As servers behind a Service do: a request may come until all know of the end.
		time.Sleep(500 * time.Millisecond)
		_ = server.Shutdown(context.Background())
	}()
	log.Println("listening on :8080")
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond)
}
