// cert-manager's acmesolver: its server with the flags that its controller gives to the pods.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/cert-manager/cert-manager/pkg/issuer/acme/http/solver"
	"github.com/go-logr/logr/funcr"
)

func main() {
	one := new(solver.HTTP01Solver)
	flag.IntVar(&one.ListenPort, "listen-port", 8089, "port")
	flag.StringVar(&one.Domain, "domain", "", "the name in the certificate")
	flag.StringVar(&one.Token, "token", "", "token of the challenge")
	flag.StringVar(&one.Key, "key", "", "the answer")
	flag.Parse()
	ended, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	go func() {
		<-ended.Done()
		os.Exit(0)
	}()
	log := funcr.New(func(_, message string) { fmt.Println(message) }, funcr.Options{})
	if err := one.Listen(log); !errors.Is(err, http.ErrServerClosed) {
		fmt.Fprintln(os.Stderr, "acmesolver:", err)
		os.Exit(1)
	}
}
