// Both ends of gRPC by grpc-go, for tests of what lies between them.
//
//	grpc serve            the interop test service and grpc.health.v1 on a free port of loopback, which is printed;
//	                      "serving" and "not serving" on standard input say what the health service says
//	grpc cases TARGET     runs grpc's interop cases against TARGET, and prints the name of each that passed
//	grpc status TARGET    one unary call; prints the status that it ends with
//	grpc hold TARGET N    N bidirectional calls at once that go on until they are ended; prints "held" once all are
//	                      echoed, and the status that each ends with
//
// Flags before the target: -authority HOST (what is asked for), -tls (whatever the certificate is).
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/interop"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

var (
	authority = flag.String("authority", "grpc.example.com", "")
	secure    = flag.Bool("tls", false, "")
)

func main() {
	if len(os.Args) < 2 {
		log.Fatal("serve, cases, status or hold")
	}
	mode := os.Args[1]
	if err := flag.CommandLine.Parse(os.Args[2:]); err != nil {
		log.Fatal(err)
	}
	switch mode {
	case "serve":
		serve()
	case "cases":
		cases(dial())
	case "status":
		fmt.Println(status.Code(unary(dial())))
	case "hold":
		n, err := strconv.Atoi(flag.Arg(1))
		if err != nil {
			log.Fatal(err)
		}
		hold(dial(), n)
	default:
		log.Fatalf("no mode %q", mode)
	}
}

func serve() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer()
	healths := health.NewServer()
	healthpb.RegisterHealthServer(server, healths)
	testpb.RegisterTestServiceServer(server, interop.NewTestServer())
	go func() {
		input := bufio.NewScanner(os.Stdin)
		for input.Scan() {
			to := healthpb.HealthCheckResponse_SERVING
			if input.Text() != "serving" {
				to = healthpb.HealthCheckResponse_NOT_SERVING
			}
			healths.SetServingStatus("", to)
			healths.SetServingStatus("chat", to)
		}
		os.Exit(0)
	}()
	healths.SetServingStatus("chat", healthpb.HealthCheckResponse_SERVING)
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(server.Serve(listener))
}

func dial() testpb.TestServiceClient {
	transport := insecure.NewCredentials()
	if *secure {
		transport = credentials.NewTLS(&tls.Config{InsecureSkipVerify: true, ServerName: *authority})
	}
	connection, err := grpc.NewClient(
		"passthrough:///"+flag.Arg(0), grpc.WithTransportCredentials(transport), grpc.WithAuthority(*authority))
	if err != nil {
		log.Fatal(err)
	}
	return testpb.NewTestServiceClient(connection)
}

func unary(client testpb.TestServiceClient) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	_, err := client.EmptyCall(ctx, &testpb.Empty{})
	return err
}

// Each ends the process if it fails.
func cases(client testpb.TestServiceClient) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for _, each := range []struct {
		name string
		run  func(context.Context, testpb.TestServiceClient, ...grpc.CallOption)
	}{
		{"empty_unary", interop.DoEmptyUnaryCall},
		{"large_unary", interop.DoLargeUnaryCall},
		{"client_streaming", interop.DoClientStreaming},
		{"server_streaming", interop.DoServerStreaming},
		{"ping_pong", interop.DoPingPong},
		{"empty_stream", interop.DoEmptyStream},
		{"timeout_on_sleeping_server", interop.DoTimeoutOnSleepingServer},
		{"cancel_after_begin", interop.DoCancelAfterBegin},
		{"cancel_after_first_response", interop.DoCancelAfterFirstResponse},
		{"custom_metadata", interop.DoCustomMetadata},
		{"status_code_and_message", interop.DoStatusCodeAndMessage},
		{"special_status_message", interop.DoSpecialStatusMessage},
		{"unimplemented_method", func(ctx context.Context, _ testpb.TestServiceClient, _ ...grpc.CallOption) {
			unimplemented(ctx, client)
		}},
		{"large_metadata", largeMetadata},
	} {
		each.run(ctx, client)
		fmt.Println(each.name)
	}
}

func unimplemented(ctx context.Context, client testpb.TestServiceClient) {
	if _, err := client.UnimplementedCall(ctx, &testpb.Empty{}); status.Code(err) != codes.Unimplemented {
		log.Fatalf("an unknown method ended with %v", err)
	}
}

// Longer than a frame, both ways.
func largeMetadata(ctx context.Context, client testpb.TestServiceClient, _ ...grpc.CallOption) {
	value := string(make([]byte, 0, 1))
	for len(value) < 20_000 {
		value += "0123456789abcdef"
	}
	ctx = metadata.AppendToOutgoingContext(ctx, "x-grpc-test-echo-initial", value)
	var header metadata.MD
	if _, err := client.UnaryCall(ctx, &testpb.SimpleRequest{}, grpc.Header(&header)); err != nil {
		log.Fatal(err)
	}
	if got := header.Get("x-grpc-test-echo-initial"); len(got) != 1 || got[0] != value {
		log.Fatalf("the metadata came back as %d values", len(got))
	}
}

func hold(client testpb.TestServiceClient, n int) {
	var held, ended sync.WaitGroup
	held.Add(n)
	ended.Add(n)
	for range n {
		go func() {
			defer ended.Done()
			stream, err := client.FullDuplexCall(context.Background())
			if err != nil {
				log.Fatal(err)
			}
			for i := 0; ; i++ {
				err = stream.Send(&testpb.StreamingOutputCallRequest{
					ResponseParameters: []*testpb.ResponseParameters{{Size: 10_000}},
				})
				if err == nil || errors.Is(err, io.EOF) {
					_, err = stream.Recv()
				}
				if err != nil {
					fmt.Println(status.Code(err))
					return
				}
				if i == 0 {
					held.Done()
				}
				time.Sleep(20 * time.Millisecond)
			}
		}()
	}
	held.Wait()
	fmt.Println("held")
	ended.Wait()
}
