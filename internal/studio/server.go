package studio

import (
	"context"
	"crypto/rand"
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sowerdata/sower/docs"
	"github.com/sowerdata/sower/internal/shown"
)

// assets are the page's files, which studio/ is built into.
//
//go:embed assets
var assets embed.FS

// Server serves a workbench to the browser of the person who started it, and to nobody else.
type Server struct {
	work    *Workbench
	token   string
	host    string // that requests must name
	base    context.Context
	handler http.Handler
	api     []string // patterns of all that asks for the token

	mu  sync.Mutex
	out *Page // the last report
}

// NewServer makes a server whose runs end with the context. address is the one that it will be reached at, such as
// 127.0.0.1:8737.
func NewServer(ctx context.Context, w *Workbench, address string) *Server {
	s := &Server{work: w, token: rand.Text(), host: address, base: ctx}
	mux := http.NewServeMux()
	files, err := fs.Sub(assets, "assets")
	if err != nil {
		panic(err) // the folder is embedded
	}
	mux.HandleFunc("GET /{$}", s.page)
	mux.Handle("GET /", http.FileServerFS(files))
	api := func(pattern string, answer func(r *http.Request) (any, error)) {
		s.api = append(s.api, pattern)
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "Bearer "+s.token {
				fail(w, http.StatusUnauthorized, errors.New("the address lacks the token that sower studio has printed: open it whole"))
				return
			}
			out, err := answer(r)
			if err != nil {
				fail(w, http.StatusUnprocessableEntity, err)
				return
			}
			reply(w, http.StatusOK, out)
		})
	}
	api("GET /api/model", func(r *http.Request) (any, error) { return w.Model(), nil })
	api("GET /api/changes", func(r *http.Request) (any, error) {
		state, err := number(r, "state")
		if err != nil {
			return nil, err
		}
		ctx, cancel := context.WithTimeout(r.Context(), longestWait)
		defer cancel()
		return w.Wait(ctx, state), nil
	})
	api("GET /api/saved", func(*http.Request) (any, error) { return Edit{Text: w.Saved()}, nil })
	api("PUT /api/text", func(r *http.Request) (any, error) {
		var e Edit
		if err := read(r, &e); err != nil {
			return nil, err
		}
		return w.Begin(s.base, e.Text, e.State), nil
	})
	api("GET /api/rows", func(r *http.Request) (any, error) {
		first, err := number(r, "first")
		if err != nil {
			return nil, err
		}
		n, err := number(r, "count")
		if err != nil {
			return nil, err
		}
		return w.Rows(r.FormValue("table"), first, int(min(n, mostRows)))
	})
	api("GET /api/profile", func(r *http.Request) (any, error) {
		return w.Profile(r.FormValue("table"), r.FormValue("column"))
	})
	api("GET /api/cell", func(r *http.Request) (any, error) {
		row, err := number(r, "row")
		if err != nil {
			return nil, err
		}
		return w.Cell(r.FormValue("table"), row, r.FormValue("column"))
	})
	api("GET /api/children", func(r *http.Request) (any, error) {
		row, err := number(r, "row")
		if err != nil {
			return nil, err
		}
		first, err := number(r, "first")
		if err != nil {
			return nil, err
		}
		return w.Children(r.Context(), r.FormValue("table"), row, r.FormValue("child"), r.FormValue("column"), first)
	})
	api("GET /api/standing", func(r *http.Request) (any, error) { return w.Standing(r.Context(), r.FormValue("table")) })
	api("GET /api/drawing", func(*http.Request) (any, error) { return w.Drawing() })
	api("GET /api/schema", func(*http.Request) (any, error) { return json.RawMessage(docs.BlueprintSchema), nil })
	api("POST /api/save", func(r *http.Request) (any, error) {
		var to SaveAs
		if err := read(r, &to); err != nil {
			return nil, err
		}
		return w.Save(to.File)
	})
	api("POST /api/fill", func(r *http.Request) (any, error) { return struct{}{}, w.Fill(s.base) })
	api("POST /api/stop", func(r *http.Request) (any, error) { w.Stop(); return struct{}{}, nil })
	api("POST /api/report", func(r *http.Request) (any, error) {
		p, err := w.Report(r.Context())
		if err == nil {
			s.keep(p)
		}
		return p, err
	})
	mux.HandleFunc("GET /report/{name}", s.report)
	api("GET /api/steps", func(r *http.Request) (any, error) {
		from, err := number(r, "from")
		if err != nil {
			return nil, err
		}
		ctx, cancel := context.WithTimeout(r.Context(), longestWait)
		defer cancel()
		steps, ended := w.Steps(ctx, int(from))
		return Steps{Steps: append([]Step{}, steps...), Ended: ended && ctx.Err() == nil}, nil
	})
	s.handler = s.guard(mux)
	return s
}

// longestWait is how long a request waits for something to happen.
const longestWait = 25 * time.Second

// URL is the address that opens the page. The token stands behind the #: a browser sends it to nobody.
func (s *Server) URL() string { return "http://" + s.host + "/#" + s.token }

// Serve answers requests until the server's context ends.
func (s *Server) Serve(l net.Listener) error {
	h := &http.Server{Handler: s.handler, ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return s.base }}
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		select {
		case <-s.base.Done():
			_ = h.Close()
		case <-ended:
		}
	}()
	if err := h.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// guard lets only requests through that the page itself may have made. Another site's page can have a name that leads
// here (DNS rebinding), or send a request across sites: the host, the origin and the browser's own word tell.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", policy(""))
		_, port, _ := net.SplitHostPort(s.host)
		if r.Host != s.host && r.Host != "localhost:"+port {
			fail(w, http.StatusForbidden, fmt.Errorf("this server answers to %s alone", s.host))
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" && origin != "http://"+r.Host {
			fail(w, http.StatusForbidden, errors.New("a page of another site asked"))
			return
		}
		if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && (site != "none" || r.Method != http.MethodGet) {
			if r.Header.Get("Sec-Fetch-Mode") != "navigate" || strings.HasPrefix(r.URL.Path, "/api/") {
				fail(w, http.StatusForbidden, errors.New("a page of another site asked"))
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// policy is the Content-Security-Policy: everything from here, no script or style within the page but styles with
// the nonce, which the editor needs.
func policy(nonce string) string {
	style := "'self'"
	if nonce != "" {
		style += " 'nonce-" + nonce + "'"
	}
	return "default-src 'none'; script-src 'self'; style-src " + style + "; img-src 'self' data: blob:; connect-src 'self'; " +
		"font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// page gives the page with a nonce of its own.
func (s *Server) page(w http.ResponseWriter, _ *http.Request) {
	text, err := assets.ReadFile("assets/index.html")
	if err != nil {
		fail(w, http.StatusInternalServerError, err)
		return
	}
	var bytes [16]byte
	rand.Read(bytes[:])
	nonce := base64.RawURLEncoding.EncodeToString(bytes[:])
	w.Header().Set("Content-Security-Policy", policy(nonce))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(strings.ReplaceAll(string(text), "NONCE", nonce)))
}

// keep lets the last report be opened, at a path that nobody can guess.
func (s *Server) keep(p *Page) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.Path = "/report/" + rand.Text()
	s.out = p
}

// report shows the last report. It stands for itself: styles and a script are within it, and its sandbox keeps these from
// asking this server for anything.
func (s *Server) report(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	p := s.out
	s.mu.Unlock()
	if p == nil || r.URL.Path != p.Path {
		fail(w, http.StatusNotFound, errors.New("there is a later report, or none: make it anew"))
		return
	}
	h := w.Header()
	h.Del("Cross-Origin-Opener-Policy") // a browser shows no page with a sandbox under it
	h.Set("Content-Security-Policy", "sandbox allow-scripts allow-downloads allow-modals; default-src 'none'; style-src 'unsafe-inline'; "+
		"script-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, p.HTML)
}

func number(r *http.Request, name string) (int64, error) {
	n, err := strconv.ParseInt(r.FormValue(name), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s is %q: want a number", name, r.FormValue(name))
	}
	return n, nil
}

func read(r *http.Request, into any) error {
	return json.NewDecoder(http.MaxBytesReader(nil, r.Body, 2*maxText)).Decode(into)
}

func reply(w http.ResponseWriter, status int, out any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(out) // who has gone away needs no answer
}

func fail(w http.ResponseWriter, status int, err error) {
	reply(w, status, Failure{Error: shown.Lines(err.Error())})
}
