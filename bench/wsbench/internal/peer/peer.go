// Package peer installs, configures, starts and ends the proxies that are compared, and the echo
// backends behind them.
package peer

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"
	"time"

	"longshore.dev/bench/wsbench/internal/proc"
	"longshore.dev/bench/wsbench/ws"
)

// The names of what can be compared.
const (
	Direct    = "direct"
	Nginx     = "nginx"
	HAProxy   = "haproxy"
	Envoy     = "envoy"
	Longshore = "longshore"
	// LongshorePolicies is Longshore with Pings and every limit on, to be held against Longshore.
	LongshorePolicies = "longshore-policies"
)

// IsLongshore tells whether the peer is Longshore, however it is configured.
func IsLongshore(name string) bool { return name == Longshore || name == LongshorePolicies }

// Path is where every peer's configuration serves the backends.
const Path = "/websocket"

// Setup is what all peers of a run share.
type Setup struct {
	// Templates is the folder with a folder of configuration templates for each peer.
	Templates string
	// Work is the run's folder: rendered configurations and logs.
	Work string
	// Binaries of the native peers by name, from Install.
	Binaries map[string]string
	// LongshoreCommand starts the launcher, without arguments.
	LongshoreCommand []string
	// A and B are the two echo backends.
	A, B netip.AddrPort
	// Tunnels is the most that will be open at a time.
	Tunnels int
	// Self is this program, which is also the echo backend.
	Self string
}

// Peer is one running proxy, or the direct path.
type Peer struct {
	Name    string
	Version string
	Address netip.AddrPort
	// Process is nil for the direct path.
	Process *proc.Process
	// Metrics is Longshore's metrics listener, else not valid.
	Metrics netip.AddrPort
	// Dir holds the rendered configuration.
	Dir string
	// Values rendered it.
	Values Values
}

// Values are what the configuration templates may use.
type Values struct {
	Address, A, B netip.AddrPort
	Dir           string
	Tunnels       int
	Connections   int
	Files         int
	// Extra lines for the http block (nginx), for tests with many hosts.
	Extra []string
}

// Start starts the named peer in a folder of its own and waits until it upgrades. Instance tells
// several of one name apart.
func Start(ctx context.Context, setup Setup, name, instance string) (*Peer, error) {
	if name == Direct {
		return &Peer{Name: Direct, Version: "no proxy", Address: setup.A}, nil
	}
	address, err := FreePort()
	if err != nil {
		return nil, err
	}
	p := &Peer{Name: name, Address: address, Dir: filepath.Join(setup.Work, name+instance)}
	p.Values = Values{
		Address: address, A: setup.A, B: setup.B, Dir: p.Dir,
		Tunnels: setup.Tunnels + 200,
		// A tunnel is two connections, and nginx wants a sixteenth of its connections to stay free.
		Connections: setup.Tunnels*2*16/15 + 300, Files: setup.Tunnels*2*16/15 + 400,
	}
	if err := p.Render(setup); err != nil {
		return nil, err
	}
	command, err := p.command(setup)
	if err != nil {
		return nil, err
	}
	if p.Process, err = proc.Start(p.Dir, filepath.Join(setup.Work, name+instance+".log"), nil, command...); err != nil {
		return nil, err
	}
	if err := p.await(ctx); err != nil {
		p.Stop()
		return nil, err
	}
	if IsLongshore(p.Name) {
		p.Version = "of the checkout"
		if text, err := p.Process.Jcmd("VM.version"); err == nil {
			p.Version += ", " + jdk.FindString(text)
		}
	}
	return p, nil
}

var jdk = regexp.MustCompile(`(?m)^JDK \S+`)

func (p *Peer) command(setup Setup) ([]string, error) {
	binary := setup.Binaries[p.Name]
	switch p.Name {
	case Nginx:
		p.Version = output(binary, "-v")
		return []string{binary, "-p", p.Dir, "-c", filepath.Join(p.Dir, "nginx.conf")}, nil
	case HAProxy:
		p.Version = output(binary, "-v")
		return []string{binary, "-db", "-f", filepath.Join(p.Dir, "haproxy.cfg")}, nil
	case Envoy:
		p.Version = output(binary, "--version")
		return []string{binary, "-c", filepath.Join(p.Dir, "envoy.yaml"), "--concurrency", "1",
			"--disable-hot-restart", "--log-level", "warning"}, nil
	case Longshore, LongshorePolicies:
		metrics, err := FreePort()
		if err != nil {
			return nil, err
		}
		admin, err := FreePort()
		if err != nil {
			return nil, err
		}
		p.Metrics = metrics
		return append(append([]string{}, setup.LongshoreCommand...), "standalone", "--manifests", p.Dir,
			"--http", p.Address.String(), "--metrics", metrics.String(), "--admin", admin.String(),
			"--threads", "1"), nil
	default:
		return nil, fmt.Errorf("no such peer: %s", p.Name)
	}
}

var version = regexp.MustCompile(`\d+\.\d+\.\d+`)

// output returns the version that a program prints with the argument.
func output(binary, argument string) string {
	text, err := exec.Command(binary, argument).CombinedOutput()
	if found := version.Find(text); err == nil && found != nil {
		return string(found)
	}
	return "unknown version"
}

// Render writes the configuration from the templates with the peer's values, each file in one step.
func (p *Peer) Render(setup Setup) error {
	if err := os.MkdirAll(p.Dir, 0o755); err != nil {
		return err
	}
	templates, err := filepath.Glob(filepath.Join(setup.Templates, p.Name, "*.tmpl"))
	if err != nil {
		return err
	}
	if len(templates) == 0 {
		return fmt.Errorf("no templates for %s in %s", p.Name, setup.Templates)
	}
	for _, path := range templates {
		t, err := template.New(filepath.Base(path)).Option("missingkey=error").ParseFiles(path)
		if err != nil {
			return err
		}
		var text bytes.Buffer
		if err := t.Execute(&text, p.Values); err != nil {
			return err
		}
		if err := Save(filepath.Join(p.Dir, strings.TrimSuffix(filepath.Base(path), ".tmpl")), text.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// Save replaces a file in one step, as an editor does.
func Save(path string, content []byte) error {
	// A dot file: those that watch the folder for manifests leave it alone.
	aside := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".tmp")
	if err := os.WriteFile(aside, content, 0o644); err != nil {
		return err
	}
	return os.Rename(aside, path)
}

// await waits until a WebSocket can be opened through the peer. Longshore's launcher may build first.
func (p *Peer) await(ctx context.Context) error {
	limit := 20 * time.Second
	if IsLongshore(p.Name) {
		limit = 15 * time.Minute
	}
	start := time.Now()
	told := start
	for {
		attempt, cancel := context.WithTimeout(ctx, 2*time.Second)
		conn, err := ws.Dial(attempt, p.Address.String(), Path, nil)
		cancel()
		if err == nil {
			return conn.Bye(1000)
		}
		if ended, how := p.Process.Ended(); ended {
			return fmt.Errorf("%s ended before it served (%v):\n%s", p.Name, how, p.Process.Tail())
		}
		if time.Since(start) > limit {
			return fmt.Errorf("%s does not serve after %v (%w):\n%s", p.Name, limit, err, p.Process.Tail())
		}
		if time.Since(told) > 15*time.Second {
			told = time.Now()
			fmt.Fprintf(os.Stderr, "  waiting for %s for %v (log: %s)\n", p.Name, time.Since(start).Round(time.Second), p.Process.Log)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Stop ends the peer.
func (p *Peer) Stop() {
	if p.Process != nil {
		p.Process.Stop(3 * time.Second)
	}
}

// Metric reads the sum of a metric's samples from Longshore's metrics listener.
func (p *Peer) Metric(ctx context.Context, name string) (float64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.Metrics.String()+"/metrics", nil)
	if err != nil {
		return 0, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer func() { _ = response.Body.Close() }()
	sum, found := 0.0, false
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		line := lines.Text()
		at := strings.LastIndexByte(line, ' ')
		if at < 0 || (!strings.HasPrefix(line, name+" ") && !strings.HasPrefix(line, name+"{")) {
			continue
		}
		var value float64
		if _, err := fmt.Sscan(line[at+1:], &value); err != nil {
			return 0, err
		}
		sum, found = sum+value, true
	}
	if err := lines.Err(); err != nil {
		return 0, err
	}
	if !found {
		return 0, fmt.Errorf("no metric %s", name)
	}
	return sum, nil
}

// FreePort picks a free port of 127.0.0.1.
func FreePort() (netip.AddrPort, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return netip.AddrPort{}, err
	}
	defer func() { _ = listener.Close() }()
	return netip.ParseAddrPort(listener.Addr().String())
}

// Backends starts two echo backends, a and b, in one process of their own.
func Backends(setup Setup, instance string) (a, b netip.AddrPort, process *proc.Process, err error) {
	log := filepath.Join(setup.Work, "echo"+instance+".log")
	process, err = proc.Start(setup.Work, log, []string{"GOMAXPROCS=1"}, setup.Self, "echo",
		"--listen", "a=127.0.0.2:0", "--listen", "b=127.0.0.3:0")
	if err != nil {
		return a, b, nil, err
	}
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		bound, err := ReadAddresses(log)
		if err == nil {
			return bound["a"], bound["b"], process, nil
		}
		if ended, _ := process.Ended(); ended || time.Now().After(deadline) {
			process.Stop(0)
			return a, b, nil, fmt.Errorf("echo backends did not start: %w: %s", err, process.Tail())
		}
	}
}

// ReadAddresses reads the line by which `wsbench echo` tells where it listens.
func ReadAddresses(log string) (map[string]netip.AddrPort, error) {
	file, err := os.Open(log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	line, err := bufio.NewReader(file).ReadBytes('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	var bound map[string]netip.AddrPort
	return bound, json.Unmarshal(line, &bound)
}
