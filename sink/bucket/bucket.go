// Package bucket is object storage as a place for files: S3 and what speaks its protocol, and Google Cloud Storage by the
// same one. Objects appear whole or not at all: larger ones as multipart uploads, which are completed at the end; what a
// process leaves that is killed are parts that nobody sees, for a lifecycle rule of the bucket to remove.
package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"regexp"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"

	"github.com/sowerdata/sower/sink/file"
)

// Bucket is the objects of a bucket below a prefix.
type Bucket struct {
	ctx    context.Context // ends all requests
	scheme string
	name   string
	prefix string // "" or with a slash at its end
	api    *minio.Core
}

var _ file.Place = (*Bucket)(nil)

// Is tells whether a text is the address of objects: s3://BUCKET/PREFIX or gs://BUCKET/PREFIX.
func Is(address string) bool {
	scheme, _, ok := strings.Cut(address, "://")
	return ok && (scheme == "s3" || scheme == "gs")
}

var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$`)

// In gives the place at an address. Its requests end with ctx. Credentials, region and endpoint are those that the tools
// of the cloud would find: in the environment, which getenv reads, in their files, and from the machine's own service.
func In(ctx context.Context, address string, getenv func(string) string) (*Bucket, error) {
	scheme, rest, _ := strings.Cut(address, "://")
	name, prefix, _ := strings.Cut(rest, "/")
	if !bucketName.MatchString(name) { // which is not shown: it may have a password in it
		return nil, fmt.Errorf("the address of objects is %s://BUCKET/PREFIX; keys and passwords do not belong into it", scheme)
	}
	if prefix = strings.Trim(prefix, "/"); prefix != "" {
		prefix += "/"
	}
	b := &Bucket{ctx: ctx, scheme: scheme, name: name, prefix: prefix}
	connect := b.amazon
	if scheme == "gs" {
		connect = b.google
	}
	if err := connect(getenv); err != nil {
		return nil, fmt.Errorf("open %s: %w", b.Path(""), err)
	}
	return b, nil
}

// amazon connects to S3, or to the server that AWS_ENDPOINT_URL names.
func (b *Bucket) amazon(getenv func(string) string) error {
	first := func(names ...string) string {
		for _, n := range names {
			if v := getenv(n); v != "" {
				return v
			}
		}
		return ""
	}
	o := &minio.Options{Secure: true, Region: first("AWS_REGION", "AWS_DEFAULT_REGION")}
	endpoint := "s3.amazonaws.com"
	if own := first("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"); own != "" {
		u, err := url.Parse(own)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return errors.New("AWS_ENDPOINT_URL is no address of the form https://HOST")
		}
		endpoint, o.Secure = u.Host, u.Scheme == "https"
		o.BucketLookup = minio.BucketLookupPath
		if o.Region == "" {
			o.Region = "us-east-1"
		}
	}
	if id := getenv("AWS_ACCESS_KEY_ID"); id != "" {
		o.Creds = credentials.NewStaticV4(id, getenv("AWS_SECRET_ACCESS_KEY"), getenv("AWS_SESSION_TOKEN"))
	} else {
		o.Creds = credentials.NewChainCredentials([]credentials.Provider{
			&credentials.FileAWSCredentials{Filename: getenv("AWS_SHARED_CREDENTIALS_FILE"), Profile: getenv("AWS_PROFILE")}, &credentials.IAM{},
		})
	}
	var err error
	b.api, err = minio.NewCore(endpoint, o)
	return err
}

// googleScope is the right to read and write objects.
const googleScope = "https://www.googleapis.com/auth/devstorage.read_write"

// googleHost is Google Cloud Storage; tests have one of their own.
var googleHost = "https://storage.googleapis.com"

// google connects to Google Cloud Storage with the application's default credentials. With an emulator there are none.
func (b *Bucket) google(getenv func(string) string) error {
	o := &minio.Options{Region: "auto", BucketLookup: minio.BucketLookupPath}
	host := googleHost
	if own := getenv("STORAGE_EMULATOR_HOST"); own != "" {
		host = own
	} else {
		c, err := google.FindDefaultCredentials(b.ctx, googleScope)
		if err != nil {
			return errors.New("there are no credentials: run gcloud auth application-default login, or set GOOGLE_APPLICATION_CREDENTIALS")
		}
		o.Transport = &oauth2.Transport{Source: c.TokenSource} // which takes the place of a signature
	}
	var err error
	host, o.Secure = strings.CutPrefix(host, "https://")
	b.api, err = minio.NewCore(strings.Trim(strings.TrimPrefix(host, "http://"), "/"), o)
	return err
}

// Path is the address of an object.
func (b *Bucket) Path(name string) string {
	return strings.TrimRight(b.scheme+"://"+b.name+"/"+b.prefix+name, "/")
}

// Open makes sure that the bucket is there and the credentials are good.
func (b *Bucket) Open() error {
	ctx, cancel := context.WithCancel(b.ctx)
	defer cancel()
	// Who may write need not be let to look.
	o, any := <-b.api.Client.ListObjects(ctx, b.name, minio.ListObjectsOptions{Prefix: b.prefix, MaxKeys: 1})
	if any && o.Err != nil && minio.ToErrorResponse(o.Err).Code != "AccessDenied" {
		return fmt.Errorf("open %s: %w", b.Path(""), b.explain(o.Err))
	}
	return nil
}

// explain says what a server's answer means. What it says itself may have keys in it, and is not shown.
func (b *Bucket) explain(err error) error {
	if cause := context.Cause(b.ctx); cause != nil {
		return cause
	}
	answer := minio.ToErrorResponse(err)
	switch answer.Code {
	case "":
		return err // of the network
	case "NoSuchKey":
		return fs.ErrNotExist
	case "NoSuchBucket":
		return fmt.Errorf("there is no bucket %s", b.name)
	case "AccessDenied", "Forbidden", "UnauthorizedAccess":
		return errors.New("the server refuses it (AccessDenied): the credentials need the rights to get, put and list objects, and to abort multipart uploads")
	case "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken", "TokenRefreshRequired":
		return fmt.Errorf("the server does not know the credentials, or they have expired (%s)", answer.Code)
	case "NoSuchUpload":
		return errors.New("the upload was taken back by somebody else, such as a lifecycle rule (NoSuchUpload)")
	}
	return fmt.Errorf("the server answers %s, status %d", answer.Code, answer.StatusCode)
}

// Stat tells an object's size and ETag.
func (b *Bucket) Stat(name string) (int64, string, error) {
	o, err := b.api.StatObject(b.ctx, b.name, b.prefix+name, minio.StatObjectOptions{})
	if err != nil {
		return 0, "", b.explain(err)
	}
	return o.Size, o.ETag, nil
}

func (b *Bucket) Read(name string) (io.ReadCloser, error) {
	in, _, _, err := b.api.GetObject(b.ctx, b.name, b.prefix+name, minio.GetObjectOptions{})
	if err != nil {
		return nil, b.explain(err)
	}
	return in, nil
}

// List gives the objects whose names begin with prefix.
func (b *Bucket) List(prefix string) (names []string, err error) {
	ctx, cancel := context.WithCancel(b.ctx)
	defer cancel()
	for o := range b.api.Client.ListObjects(ctx, b.name, minio.ListObjectsOptions{Prefix: b.prefix + prefix}) {
		if o.Err != nil {
			return nil, b.explain(o.Err)
		}
		if name := strings.TrimPrefix(o.Key, b.prefix); !strings.Contains(name, "/") {
			names = append(names, name)
		}
	}
	return names, nil
}

func (b *Bucket) Remove(name string) error {
	err := b.api.RemoveObject(b.ctx, b.name, b.prefix+name, minio.RemoveObjectOptions{})
	if err != nil && minio.ToErrorResponse(err).Code != "NoSuchKey" {
		return b.explain(err)
	}
	return nil
}

// Sync does nothing: what the server has answered stands.
func (b *Bucket) Sync() error { return nil }

// Withdraw does nothing: Open makes no bucket.
func (b *Bucket) Withdraw() {}
