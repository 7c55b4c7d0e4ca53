// Command wsbench measures WebSocket proxies: `wsbench run` sets Longshore beside nginx, HAProxy and
// Envoy, `wsbench echo` is the backend and `wsbench load` the load by itself.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"longshore.dev/bench/wsbench/echo"
	"longshore.dev/bench/wsbench/internal/peer"
	"longshore.dev/bench/wsbench/internal/suite"
	"longshore.dev/bench/wsbench/load"
)

const usage = `usage: wsbench COMMAND [flags]; wsbench COMMAND -h lists the flags

  run   sets Longshore beside nginx, HAProxy and Envoy (bench/run builds and calls this)
  echo  serves WebSocket echo and plain HTTP, until it is ended
  load  drives a WebSocket server with echo messages or handshakes and prints what came of it
`

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer cancel()
	commands := map[string]func(context.Context, []string) error{
		"run": run, "echo": serve, "load": drive, "hold": hold,
	}
	command, ok := commands[argument(1)]
	if !ok {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	err := command(ctx, os.Args[2:])
	switch {
	case err == nil:
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "wsbench:", err)
		os.Exit(1)
	}
}

func argument(i int) string {
	if len(os.Args) > i {
		return os.Args[i]
	}
	return ""
}

// list is a comma-separated flag.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(text string) error {
	*l = strings.Split(text, ",")
	return nil
}

func run(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	home := flags.String("bench", "bench", "the checkout's folder bench")
	cache := flags.String("cache", "", "folder for the peers' binaries (default $XDG_CACHE_HOME/longshore/bench)")
	results := flags.String("results", "", "folder for the results (default BENCH/results)")
	quick := flags.Bool("quick", false, "a smoke test of two minutes: few and short rounds, too few for an interval")
	peers := list{peer.Nginx, peer.HAProxy, peer.Envoy, peer.Longshore}
	flags.Var(&peers, "peers", "who takes part")
	var names list
	for _, s := range suite.Scenarios() {
		names = append(names, s[0])
	}
	flags.Var(&names, "scenarios", "what is measured")
	command := flags.String("longshore-cmd", "", "what starts Longshore, split at spaces (default the checkout's ./longshore)")
	rounds := flags.Int("rounds", 9, "interleaved rounds; 7 are needed for a 95 % interval that is worth its name, from 9 on it leaves the extremes out")
	turn := flags.Duration("turn", 1200*time.Millisecond, "how long a peer is measured at a time")
	warm := flags.Duration("warm-up", 8*time.Second, "processor time that Longshore may use before each scenario, a JVM having to compile; the others are driven for a tenth of it")
	few := flags.Int("few", 2000, "idle tunnels at the lower end of the memory slope")
	many := flags.Int("many", 9000, "idle tunnels at its upper end")
	idle := flags.Duration("idle", 60*time.Second, "how long tunnels rest before memory is measured")
	tunnels := flags.Int("tunnels", 2000, "open tunnels during changes")
	changes := flags.Int("changes", 1000, "changes")
	routes := list{"1", "1000", "10000"}
	flags.Var(&routes, "routes", "table sizes for propagation")
	edits := flags.Int("edits", 200, "measured edits for propagation")
	starts := flags.Int("starts", 3, "fresh instances of each peer whose first seconds are measured")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: bench/run [flags]\n\nScenarios:")
		for _, s := range suite.Scenarios() {
			fmt.Fprintf(flags.Output(), "  %-12s %s\n", s[0], s[1])
		}
		fmt.Fprintln(flags.Output(), "\nFlags:")
		flags.PrintDefaults()
	}
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	options := suite.Options{
		Peers: peers, Scenarios: names, Rounds: *rounds, Turn: *turn, WarmUp: *warm, Few: *few, Many: *many, Idle: *idle,
		Tunnels: *tunnels, Changes: *changes, Edits: *edits, Starts: *starts,
	}
	for _, text := range routes {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return fmt.Errorf("--routes: %q is not a number of routes", text)
		}
		options.Routes = append(options.Routes, n)
	}
	if *quick {
		shorten(&options, flags)
	}
	if err := check(options); err != nil {
		return err
	}
	return benchmark(ctx, options, *home, *cache, *results, *command)
}

// shorten sets what the command line left alone to the values of a smoke test.
func shorten(o *suite.Options, flags *flag.FlagSet) {
	given := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { given[f.Name] = true })
	for name, set := range map[string]func(){
		"rounds":  func() { o.Rounds = 3 },
		"turn":    func() { o.Turn = 400 * time.Millisecond },
		"warm-up": func() { o.WarmUp = 2 * time.Second },
		"few":     func() { o.Few = 500 },
		"many":    func() { o.Many = 2500 },
		"idle":    func() { o.Idle = 5 * time.Second },
		"tunnels": func() { o.Tunnels = 500 },
		"changes": func() { o.Changes = 200 },
		"routes":  func() { o.Routes = []int{1, 1000} },
		"edits":   func() { o.Edits = 50 },
		"starts":  func() { o.Starts = 1 },
	} {
		if !given[name] {
			set()
		}
	}
}

func check(o suite.Options) error {
	known := []string{peer.Nginx, peer.HAProxy, peer.Envoy, peer.Longshore, peer.LongshorePolicies}
	for _, name := range o.Peers {
		if !slices.Contains(known, name) {
			return fmt.Errorf("--peers: no peer %q; there are %s", name, strings.Join(known, ", "))
		}
	}
	var all []string
	for _, s := range suite.Scenarios() {
		all = append(all, s[0])
	}
	for _, name := range o.Scenarios {
		if !slices.Contains(all, name) {
			return fmt.Errorf("--scenarios: no scenario %q; there are %s", name, strings.Join(all, ", "))
		}
	}
	if o.Rounds < 1 || o.Turn <= 0 || o.Few < 1 || o.Many <= o.Few || o.Tunnels < 2 || o.Changes < 1 || o.Edits < 1 || o.Starts < 1 {
		return errors.New("rounds, turn, few, tunnels, changes, edits and starts must be positive, and many above few")
	}
	return nil
}

func benchmark(ctx context.Context, options suite.Options, home, cache, results, command string) error {
	home, err := filepath.Abs(home)
	if err != nil {
		return err
	}
	checkout := filepath.Dir(home)
	if cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return err
		}
		cache = filepath.Join(user, "longshore", "bench")
	}
	if results == "" {
		results = filepath.Join(home, "results")
	}
	if err := descriptors(&options); err != nil {
		return err
	}
	binaries, err := peer.Install(ctx, cache, filepath.Join(home, "peers", "requirements.txt"))
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	start := time.Now()
	work := filepath.Join(checkout, ".longshore", "bench", "run-"+start.UTC().Format("20060102-150405"))
	if err := os.MkdirAll(work, 0o755); err != nil {
		return err
	}
	setup := peer.Setup{
		Templates: filepath.Join(home, "peers"), Work: work, Binaries: binaries, Self: self,
		LongshoreCommand: []string{filepath.Join(checkout, "longshore")},
		Tunnels:          max(options.Many, options.Tunnels, 1000),
	}
	if command != "" {
		setup.LongshoreCommand = strings.Fields(command)
	}
	a, b, backends, err := peer.Backends(setup, "")
	if err != nil {
		return err
	}
	defer backends.Stop(0)
	setup.A, setup.B = a, b
	machine := suite.ThisMachine()
	bench := &suite.Bench{Options: options, Setup: setup, Progress: os.Stderr}
	failed := bench.Run(ctx)
	report := bench.Report(start, machine, checkout)
	path, err := report.Write(results)
	if err != nil {
		return errors.Join(failed, err)
	}
	report.Markdown(os.Stdout)
	fmt.Fprintf(os.Stderr, "Kept as %s (and .json); logs in %s\n", path, work)
	return failed
}

// descriptors raises this process's limit of open files, which those it starts inherit, and lowers the
// number of tunnels to what a proxy can have under it, a tunnel being two connections.
func descriptors(o *suite.Options) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	limit.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	most := int(min(limit.Max, 1<<20))/2 - 900
	if o.Many > most {
		fmt.Fprintf(os.Stderr, "The limit of %d open files (ulimit -Hn) allows %d tunnels, not %d.\n", limit.Max, most, o.Many)
		o.Many = most
		o.Few = min(o.Few, most/4)
	}
	o.Tunnels = min(o.Tunnels, most)
	if o.Few < 1 {
		return fmt.Errorf("a limit of %d open files (ulimit -Hn) is too low", limit.Max)
	}
	return nil
}

// listeners is the repeatable flag NAME=ADDR:PORT.
type listeners []echo.Listener

func (l *listeners) String() string { return fmt.Sprint(*l) }

func (l *listeners) Set(text string) error {
	name, address, ok := strings.Cut(text, "=")
	if !ok {
		return errors.New("not NAME=ADDR:PORT")
	}
	parsed, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	*l = append(*l, echo.Listener{Address: parsed, Name: name})
	return nil
}

func serve(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("echo", flag.ContinueOnError)
	var where listeners
	flags.Var(&where, "listen", "NAME=ADDR:PORT to serve, repeatable; port 0 picks one")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if len(where) == 0 {
		return errors.New("--listen NAME=ADDR:PORT is missing")
	}
	server, err := echo.Listen(where...)
	if err != nil {
		return err
	}
	addresses, err := server.Addresses()
	if err != nil {
		return err
	}
	if err := json.NewEncoder(os.Stdout).Encode(addresses); err != nil {
		return err
	}
	return server.Run(ctx)
}

func drive(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	where := flags.String("url", "", "ws://ADDR:PORT/PATH, the address an IPv4 address")
	host := flags.String("host", "", "Host header (default the address)")
	conns := flags.Int("conns", 100, "connections; handshakes at a time with --handshakes")
	size := flags.Int("size", 64, "bytes of a message, 8 or more")
	rate := flags.Float64("rate", 0, "messages a second, open loop; 0: closed loop, one message in flight per connection")
	handshakes := flags.Bool("handshakes", false, "make handshakes and close instead of sending messages")
	duration := flags.Duration("duration", 10*time.Second, "how long")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	target, err := parseTarget(*where, *host)
	if err != nil {
		return err
	}
	g, err := load.New(target)
	if err != nil {
		return err
	}
	defer func() { _ = g.Close() }()
	var result *load.Result
	if *handshakes {
		result, err = g.Handshakes(ctx, *conns, *duration)
	} else if err = g.Dial(*conns); err == nil && *rate > 0 {
		result, err = g.OpenLoop(ctx, *size, *rate, *duration, nil)
	} else if err == nil {
		result, err = g.ClosedLoop(ctx, *size, *duration)
	}
	if err != nil {
		return err
	}
	return print(os.Stdout, g, result)
}

func parseTarget(where, host string) (load.Target, error) {
	parsed, err := url.Parse(where)
	if err != nil {
		return load.Target{}, err
	}
	address, err := netip.ParseAddrPort(parsed.Host)
	if err != nil || parsed.Scheme != "ws" || !address.Addr().Is4() {
		return load.Target{}, fmt.Errorf("--url: %q is not ws://IPV4:PORT/PATH", where)
	}
	return load.Target{Address: address, Host: host, Path: parsed.RequestURI()}, nil
}

// print writes a result as JSON; failures in it are an error.
func print(w io.Writer, g *load.Generator, r *load.Result) error {
	quantiles := map[string]float64{}
	for _, q := range []float64{50, 99, 99.9, 100} {
		quantiles["p"+strconv.FormatFloat(q, 'f', -1, 64)] = r.Quantile(q)
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	if err := out.Encode(map[string]any{
		"count": r.Count, "seconds": r.Elapsed.Seconds(), "perSecond": r.Rate(), "microseconds": quantiles,
		"open": g.Open(), "bad": r.Bad,
	}); err != nil {
		return err
	}
	if r.Failures() > 0 {
		return errors.New(r.Problems())
	}
	return nil
}

// hold is the part of `run` that keeps tunnels open; it takes orders from its standard input.
func hold(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("hold", flag.ContinueOnError)
	target := flags.String("target", "", "ADDR:PORT")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	address, err := netip.ParseAddrPort(*target)
	if err != nil {
		return err
	}
	return suite.Hold(ctx, address, os.Stdin, os.Stdout)
}
