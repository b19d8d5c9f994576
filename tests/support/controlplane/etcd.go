package main

import (
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"syscall"

	"go.etcd.io/etcd/server/v3/embed"
)

// runEtcd serves one member that trusts everybody on its two addresses and flushes nothing to disk:
// a test throws the data away.
func runEtcd() int {
	dir := flag.String("data-dir", "", "folder for the data")
	client := flag.String("client", "", "URL to serve clients on")
	peer := flag.String("peer", "", "URL that other members would use")
	flag.Parse()
	if err := serveEtcd(*dir, *client, *peer); err != nil {
		fmt.Fprintln(os.Stderr, "etcd:", err)
		return 1
	}
	return 0
}

func serveEtcd(dir, client, peer string) error {
	clients, err := oneURL(client)
	if err != nil {
		return err
	}
	peers, err := oneURL(peer)
	if err != nil {
		return err
	}
	config := embed.NewConfig()
	config.Dir = dir
	config.LogLevel = "error"
	config.UnsafeNoFsync = true
	config.ListenClientUrls, config.AdvertiseClientUrls = clients, clients
	config.ListenPeerUrls, config.AdvertisePeerUrls = peers, peers
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	member, err := embed.StartEtcd(config)
	if err != nil {
		return err
	}
	defer member.Close()
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGINT, syscall.SIGTERM)
	select {
	case err := <-member.Err():
		return err
	case <-stop:
		return nil
	}
}

func oneURL(text string) ([]url.URL, error) {
	parsed, err := url.Parse(text)
	if err != nil {
		return nil, err
	}
	if parsed.Host == "" {
		return nil, fmt.Errorf("%q: want a URL with a host", text)
	}
	return []url.URL{*parsed}, nil
}
