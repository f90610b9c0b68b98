// Package faultproxy is a TCP proxy for tests that does to connections what bad networks do: it cuts them
// after a number of bytes, stalls them, delays and slows them.
package faultproxy

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Fault is what is done to one connection. The zero value does nothing.
type Fault struct {
	Cut     int64         // bytes, both ways together, after which the connection is reset; 0: never
	Stall   int64         // bytes after which nothing passes for StallFor; 0: never
	For     time.Duration // how long a stall lasts
	Latency time.Duration // before each piece that passes
	Rate    int64         // bytes a second from the server; 0: no limit
}

// Proxy passes connections on to a server.
type Proxy struct {
	listener net.Listener
	target   string
	fault    atomic.Pointer[func(n int) Fault]
	mu       sync.Mutex
	open     map[net.Conn]bool // both ends
	n        int
	passed   atomic.Int64
	wg       sync.WaitGroup
}

// Listen starts a proxy at a free port of host, in front of the server at target.
func Listen(host, target string) (*Proxy, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		return nil, err
	}
	p := &Proxy{listener: l, target: target, open: map[net.Conn]bool{}}
	p.Set(nil)
	p.wg.Go(p.accept)
	return p, nil
}

// Addr is the proxy's host and port.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Set says what is done to the connections that come from now on, the n-th from 0. nil: nothing.
func (p *Proxy) Set(fault func(n int) Fault) {
	if fault == nil {
		fault = func(int) Fault { return Fault{} }
	}
	p.mu.Lock()
	p.n = 0
	p.mu.Unlock()
	p.fault.Store(&fault)
}

// Passed is the number of bytes that went through, both ways.
func (p *Proxy) Passed() int64 { return p.passed.Load() }

// Cut resets all connections.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		reset(c)
	}
}

// reset closes without a goodbye.
func reset(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = c.Close()
}

// Close ends the proxy and its connections, and waits for them.
func (p *Proxy) Close() error {
	err := p.listener.Close()
	p.Cut()
	p.wg.Wait()
	return err
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			reset(client)
			continue
		}
		p.mu.Lock()
		p.open[client], p.open[server] = true, true
		f := (*p.fault.Load())(p.n)
		p.n++
		p.mu.Unlock()
		c := &connection{proxy: p, fault: f, client: client, server: server}
		p.wg.Go(c.run)
	}
}

type connection struct {
	proxy          *Proxy
	fault          Fault
	client, server net.Conn
	bytes          atomic.Int64
	stall          sync.Once
}

func (c *connection) run() {
	var wg sync.WaitGroup
	wg.Go(func() { c.pass(c.server, c.client, 0) })
	wg.Go(func() { c.pass(c.client, c.server, c.fault.Rate) })
	wg.Wait()
	c.proxy.mu.Lock()
	delete(c.proxy.open, c.client)
	delete(c.proxy.open, c.server)
	c.proxy.mu.Unlock()
}

// pass copies one way until either end closes or the fault says so.
func (c *connection) pass(dst, src net.Conn, rate int64) {
	buf := make([]byte, 16<<10)
	for {
		n, err := src.Read(buf)
		if n > 0 {
			if !c.let(dst, buf[:n], rate) {
				reset(c.client)
				reset(c.server)
				return
			}
		}
		if err != nil {
			if err == io.EOF {
				if t, ok := dst.(*net.TCPConn); ok {
					_ = t.CloseWrite()
					return
				}
			}
			_ = dst.Close()
			return
		}
	}
}

// let passes a piece on; false says that the connection is cut, with as much of the piece passed as was due.
func (c *connection) let(dst net.Conn, piece []byte, rate int64) bool {
	c.proxy.passed.Add(int64(len(piece)))
	before := c.bytes.Add(int64(len(piece))) - int64(len(piece))
	if f := c.fault; f.Cut > 0 && before+int64(len(piece)) >= f.Cut {
		_, _ = dst.Write(piece[:max(f.Cut-before, 0)])
		return false
	}
	if c.fault.Stall > 0 && before+int64(len(piece)) >= c.fault.Stall {
		c.stall.Do(func() { time.Sleep(c.fault.For) })
	}
	if c.fault.Latency > 0 {
		time.Sleep(c.fault.Latency)
	}
	if rate > 0 {
		time.Sleep(time.Duration(int64(len(piece)) * int64(time.Second) / rate))
	}
	_, err := dst.Write(piece)
	return err == nil
}
