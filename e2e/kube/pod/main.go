// One static program for containers that are built without a registry:
//
//	pod pause          waits for SIGTERM: the pause container of every pod
//	pod serve :8080    answers every HTTP request with this host's name
//	pod get URL        prints the answer of another server: reaches Services from inside a pod
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) < 2 {
		fail("usage: pod pause | serve ADDRESS | get URL")
	}
	switch command := os.Args[1]; {
	case command == "pause":
		pause()
	case command == "serve" && len(os.Args) == 3:
		serve(os.Args[2])
	case command == "get" && len(os.Args) == 3:
		get(os.Args[2])
	default:
		fail("usage: pod pause | serve ADDRESS | get URL")
	}
}

func pause() {
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
	// The sandbox's first process inherits orphans, and must bury them.
	orphaned := make(chan os.Signal, 8)
	signal.Notify(orphaned, syscall.SIGCHLD)
	for {
		select {
		case <-ended:
			return
		case <-orphaned:
			for {
				pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
				if err != nil || pid <= 0 {
					break
				}
			}
		}
	}
}

func serve(address string) {
	name, err := os.Hostname()
	if err != nil {
		fail(err)
	}
	// As a container's first process a signal without a handler would be ignored.
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-ended
		os.Exit(0)
	}()
	fail(http.ListenAndServe(address, http.HandlerFunc(
		func(answer http.ResponseWriter, _ *http.Request) { fmt.Fprintln(answer, name) })))
}

func get(url string) {
	client := http.Client{Timeout: 10 * time.Second}
	response, err := client.Get(url)
	if err != nil {
		fail(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(os.Stdout, io.LimitReader(response.Body, 1<<20)); err != nil {
		fail(err)
	}
	if response.StatusCode != http.StatusOK {
		fail(response.Status)
	}
}

func fail(reason any) {
	fmt.Fprintln(os.Stderr, "pod:", reason)
	os.Exit(1)
}
