// Command timestamp-server is Sigstore's RFC 3161 timestamp authority with a fresh key in memory:
//
//	timestamp-server ADDRESS
//
// Its own program also serves metrics, on a port that cannot be chosen, so that only one of it can
// run on a machine; tests want several.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/sigstore/timestamp-authority/v2/pkg/server"
	"github.com/spf13/viper"
)

// Its policy, and what the program's flags have by default.
const (
	policy          = "1.3.6.1.4.1.57264.2"
	maxRequestBytes = 1 << 20
	patience        = 30 * time.Second
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: timestamp-server ADDRESS")
		os.Exit(2)
	}
	viper.Set("timestamp-signer", "memory")
	viper.Set("timestamp-signer-hash", "sha256")
	viper.Set("default-policy-oid", policy)
	viper.Set("accepted-policy-oids", []string{policy})
	viper.Set("max-request-body-size", maxRequestBytes)
	api := server.NewRestAPIServer("127.0.0.1", 0, []string{"http"}, false, patience, patience)
	listener := &http.Server{Addr: os.Args[1], Handler: api.GetHandler(), ReadHeaderTimeout: patience}
	log.Fatal(listener.ListenAndServe())
}
