package bucket

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/sowerdata/sower/sink/file"
)

const (
	partBytes = 8 << 20 // of a part of a multipart upload: held in memory twice for each table that is written
	mostParts = 10_000  // of an object; so does S3
)

// discardTimeout bounds the taking back of an upload, which is done also where the context has ended.
const discardTimeout = 10 * time.Second

// draft is an object in the making. One that has less than a part is sent at once, when it is published.
type draft struct {
	b         *Bucket
	name      string
	buf       []byte // what is not sent yet
	sent      []byte // the part that is on its way
	size      int64
	upload    string // its id; "" where none has begun
	parts     []minio.CompletePart
	way       chan error // of the part on its way; nil where none is
	tag       string
	published bool
}

// Create begins an object. Nothing is sent yet.
func (b *Bucket) Create(name string) (file.Draft, error) { return &draft{b: b, name: name}, nil }

func (d *draft) key() string { return d.b.prefix + d.name }

// Write keeps bytes, and sends parts while others are made.
func (d *draft) Write(p []byte) (int, error) {
	d.size += int64(len(p))
	for n := len(p); ; {
		k := min(len(p), partBytes-len(d.buf))
		d.buf, p = append(d.buf, p[:k]...), p[k:]
		if len(p) == 0 {
			return n, nil
		}
		if err := d.send(); err != nil {
			return 0, err
		}
	}
}

// send sends what is kept as a part, once the one before has arrived.
func (d *draft) send() error {
	if err := d.arrive(); err != nil {
		return err
	}
	if d.upload == "" {
		id, err := d.b.api.NewMultipartUpload(d.b.ctx, d.b.name, d.key(), minio.PutObjectOptions{})
		if err != nil {
			return d.b.explain(err)
		}
		d.upload = id
	}
	n := len(d.parts) + 1
	if n > mostParts {
		return fmt.Errorf("an object has at most %d parts of %d MB: make more shards", mostParts, partBytes>>20)
	}
	d.parts = append(d.parts, minio.CompletePart{PartNumber: n})
	d.buf, d.sent = d.sent[:0], d.buf
	way := make(chan error, 1)
	d.way = way
	part := &d.parts[n-1].ETag
	go func() {
		got, err := d.b.api.PutObjectPart(d.b.ctx, d.b.name, d.key(), d.upload, n, bytes.NewReader(d.sent), int64(len(d.sent)),
			minio.PutObjectPartOptions{Sha256Hex: sha(d.sent), DisableContentSha256: true})
		*part = got.ETag
		way <- err
	}()
	return nil
}

// sha is what the server holds a body against. Without it bodies are signed in chunks, which not all servers know.
func sha(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// arrive waits for the part that is on its way.
func (d *draft) arrive() error {
	if d.way == nil {
		return nil
	}
	err := <-d.way
	d.way = nil
	if err != nil {
		return d.b.explain(err)
	}
	return nil
}

// Seal sends the last part. The tag is the ETag that servers make of what they are sent, unless they encrypt it with a
// key of their own.
func (d *draft) Seal() (string, error) {
	if d.upload == "" {
		sum := md5.Sum(d.buf)
		d.tag = hex.EncodeToString(sum[:])
		return d.tag, d.b.ctx.Err()
	}
	if err := d.send(); err != nil {
		return "", err
	}
	if err := d.arrive(); err != nil {
		return "", err
	}
	all := md5.New()
	for _, p := range d.parts {
		sum, err := hex.DecodeString(p.ETag)
		if err != nil || len(sum) != md5.Size {
			return "", nil
		}
		all.Write(sum)
	}
	d.tag = fmt.Sprintf("%x-%d", all.Sum(nil), len(d.parts))
	d.buf, d.sent = nil, nil
	return d.tag, nil
}

// Publish makes the object appear. Where the answer was lost, it is looked for.
func (d *draft) Publish() error {
	var err error
	if d.upload == "" {
		_, err = d.b.api.PutObject(d.b.ctx, d.b.name, d.key(), bytes.NewReader(d.buf), int64(len(d.buf)), "", sha(d.buf), minio.PutObjectOptions{DisableContentSha256: true})
	} else {
		_, err = d.b.api.CompleteMultipartUpload(d.b.ctx, d.b.name, d.key(), d.upload, d.parts, minio.PutObjectOptions{})
	}
	if err != nil {
		size, tag, there := d.b.Stat(d.name)
		if there != nil || size != d.size || tag != d.tag || d.tag == "" {
			return d.b.explain(err)
		}
	}
	d.published, d.buf = true, nil
	return nil
}

// Discard takes the upload back.
func (d *draft) Discard() error {
	if d.way != nil {
		<-d.way
		d.way = nil
	}
	d.buf, d.sent = nil, nil
	if d.published || d.upload == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(d.b.ctx), discardTimeout)
	defer cancel()
	err := d.b.api.AbortMultipartUpload(ctx, d.b.name, d.key(), d.upload)
	if err != nil && minio.ToErrorResponse(err).Code != "NoSuchUpload" {
		return errors.New("take back the upload of " + d.b.Path(d.name) + ": the server did not: a lifecycle rule of the bucket, which aborts what is incomplete, removes it")
	}
	d.upload = ""
	return nil
}
