package faultproxy

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"
)

// echo gives back what it gets.
func echo(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c); c.Close() }()
		}
	}()
	return l.Addr().String()
}

// through sends n bytes through the proxy and gives how many came back, and how long it took.
func through(t *testing.T, p *Proxy, n int) (int, time.Duration) {
	t.Helper()
	started := time.Now()
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	sent := bytes.Repeat([]byte("0123456789"), n/10)
	go func() { _, _ = c.Write(sent); _ = c.(*net.TCPConn).CloseWrite() }()
	got, _ := io.ReadAll(c)
	if !bytes.HasPrefix(sent, got) {
		t.Error("other bytes came back")
	}
	return len(got), time.Since(started)
}

func TestProxy(t *testing.T) {
	p, err := Listen("127.0.0.1", echo(t))
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := through(t, p, 100_000); n != 100_000 {
		t.Errorf("%d of 100000 bytes came back", n)
	}
	p.Set(func(int) Fault { return Fault{Cut: 50_000} })
	if n, _ := through(t, p, 100_000); n >= 50_000 {
		t.Errorf("%d bytes came back through a connection that was to be cut at 50000", n)
	}
	p.Set(func(int) Fault { return Fault{Stall: 10, For: 300 * time.Millisecond} })
	if n, d := through(t, p, 1000); n != 1000 || d < 300*time.Millisecond {
		t.Errorf("stalled: %d bytes after %s", n, d)
	}
	p.Set(func(int) Fault { return Fault{Rate: 100_000} })
	if n, d := through(t, p, 30_000); n != 30_000 || d < 250*time.Millisecond {
		t.Errorf("slow: %d bytes after %s", n, d)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}
