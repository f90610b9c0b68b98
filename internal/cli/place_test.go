package cli

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// Shards that an engine has numbered go to object storage, and are the bytes that they are in a directory. No key is
// ever shown, whatever the server answers.
func TestObjectStorage(t *testing.T) {
	backend := s3mem.New()
	if err := backend.CreateBucket("rows"); err != nil {
		t.Fatal(err)
	}
	answer := ""
	inner := gofakes3.New(backend).Server()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answer == "" {
			inner.ServeHTTP(w, r)
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, "<Error><Code>%s</Code><Message>AKIDsentinel secretsentinel sessionsentinel</Message></Error>", answer)
	}))
	defer server.Close()
	env := []string{"AWS_ENDPOINT_URL=" + server.URL, "AWS_ACCESS_KEY_ID=AKIDsentinel", "AWS_SECRET_ACCESS_KEY=secretsentinel",
		"AWS_SESSION_TOKEN=sessionsentinel", "SHOP_OWNER=5eed0000-0000-4000-8000-000000000001"}
	sower := func(want int, says string, more []string, args ...string) {
		t.Helper()
		code, out, errs := call(t, append(env[:len(env):len(env)], more...), args...)
		if code != want || !strings.Contains(out+errs, says) {
			t.Errorf("%q: %d, want %d with %q\n%s%s", args, code, want, says, out, errs)
		}
		if strings.Contains(out+errs, "sentinel") {
			t.Errorf("%q shows keys:\n%s%s", args, out, errs)
		}
	}
	shop, dir := "testdata/shop/shop.yaml", t.TempDir()
	for i := range 3 {
		engine := []string{"AWS_BATCH_JOB_ARRAY_SIZE=3", fmt.Sprintf("AWS_BATCH_JOB_ARRAY_INDEX=%d", i)}
		export := []string{"export", shop, "--format", "parquet", "--shard", "auto", "--progress", "none", "--verbose", "--dir"}
		sower(5, "shard", nil, "export", "finish", "--dir", "s3://rows/shop")
		sower(0, fmt.Sprintf("shard %d/3 (AWS Batch: ", i+1), engine, append(export, "s3://rows/shop")...)
		sower(0, "stands in s3://rows/shop already", engine, append(export, "s3://rows/shop/")...)
		sower(0, "The files are in "+dir, engine, append(export, "file://"+dir)...)
	}
	sower(0, "1,100 rows of 2 tables in 3 shards", nil, "export", "finish", "--dir", "s3://rows/shop", "--verbose")
	sower(0, "already complete", nil, "export", "finish", "--dir", "s3://rows/shop")
	for _, name := range []string{"customers-1-of-3.parquet", "orders-3-of-3.parquet"} {
		want, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		o, err := backend.GetObject("rows", "shop/"+name, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(o.Contents); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes in the bucket, %d in the file, %v", name, len(got), len(want), err)
		}
	}
	sower(2, "other rows", []string{"AWS_BATCH_JOB_ARRAY_SIZE=3", "AWS_BATCH_JOB_ARRAY_INDEX=1"}, "export", shop, "--shard", "auto", "--seed", "2", "--format", "parquet", "--dir", "s3://rows/shop")
	sower(1, "there is no bucket nowhere", nil, "export", shop, "--dir", "s3://nowhere/shop")
	sower(2, "keys and passwords do not belong into it", nil, "export", shop, "--dir", "s3://AKIDsentinel:secretsentinel@rows/shop")
	sower(2, "az:// is not known", nil, "export", shop, "--dir", "az://secretsentinel/shop")
	sower(2, "file:///PATH", nil, "export", shop, "--dir", "file://shop")
	for code, says := range map[string]string{"InvalidAccessKeyId": "does not know the credentials", "SignatureDoesNotMatch": "does not know the credentials", "Odd": "Odd, status 400"} {
		answer = code
		sower(1, says, nil, "export", shop, "--dir", "s3://rows/other", "--verbose")
		sower(1, says, nil, "export", "finish", "--dir", "s3://rows/shop", "--verbose")
	}
}
