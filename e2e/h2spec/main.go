// Whether a server keeps to HTTP/2: h2spec (https://github.com/summerwind/h2spec) as its module has it, strict cases
// too, and beside it what it has nothing of, WebSockets on streams.
//
//	h2spec -port 8080         in the clear, by prior knowledge
//	h2spec -port 8443 -tls
//
// The server's certificate may be anybody's. Path / has to be answered with a body, and /socket is a WebSocket that
// greets, and sends back what it is sent. Exits with 1 if a case fails.
package main

import (
	"flag"
	"os"
	"time"

	"github.com/summerwind/h2spec/config"
	"github.com/summerwind/h2spec/generic"
	"github.com/summerwind/h2spec/hpack"
	"github.com/summerwind/h2spec/http2"
	"github.com/summerwind/h2spec/reporter"
	"github.com/summerwind/h2spec/spec"
)

func main() {
	port := flag.Int("port", 0, "of the server, on 127.0.0.1")
	tls := flag.Bool("tls", false, "whether it speaks TLS")
	timeout := flag.Duration("timeout", 5*time.Second, "how long an answer is waited for")
	verbose := flag.Bool("verbose", false, "show each frame")
	flag.Parse()

	settings := &config.Config{
		Host:         "127.0.0.1",
		Port:         *port,
		Path:         "/",
		Timeout:      *timeout,
		MaxHeaderLen: 4000,
		Strict:       true,
		TLS:          *tls,
		Insecure:     true,
		Verbose:      *verbose,
		Sections:     flag.Args(),
	}
	groups := []*spec.TestGroup{generic.Spec(), http2.Spec(), hpack.Spec(), webSockets()}
	passed, other := 0, 0
	for _, group := range groups {
		group.Test(settings)
		passed += group.PassedCount
		other += group.FailedCount + group.SkippedCount
	}
	if other > 0 {
		reporter.FailedTests(groups)
	}
	reporter.Summary(groups)
	if passed == 0 || other > 0 {
		os.Exit(1)
	}
}
