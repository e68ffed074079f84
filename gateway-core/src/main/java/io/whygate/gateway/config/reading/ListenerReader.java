package io.whygate.gateway.config.reading;

import static io.whygate.gateway.config.reading.Bounds.DAY;
import static io.whygate.gateway.config.reading.Bounds.GIB;
import static io.whygate.gateway.config.reading.Bounds.KIB;
import static io.whygate.gateway.config.reading.Bounds.MIB;
import static io.whygate.gateway.config.reading.Bounds.MS;
import static io.whygate.gateway.config.reading.Bounds.TIB;

import io.whygate.gateway.config.AcmeSettings;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.config.ListenerSettings.ClientCertificates.Verify;
import io.whygate.gateway.config.ListenerSettings.KeyPair;
import io.whygate.gateway.config.Sources;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// Reads one listener.
final class ListenerReader {
  private static final int MOST_FRAMES = 1_000_000_000;

  private final Certificates certificates;
  private final WantedNames wanted = new WantedNames();
  private final PassThroughReader passThroughs;

  ListenerReader(Certificates certificates, PassThroughReader passThroughs) {
    this.certificates = certificates;
    this.passThroughs = passThroughs;
  }

  /// Nothing where its address is missing or malformed.
  Optional<ListenerSettings> read(Section section) {
    Optional<ListenerSettings.Tls> tls = tls(section);
    ListenerSettings.Limits limits = limits(section.section("limits"));
    ListenerSettings.Timeouts timeouts = timeouts(section.section("timeouts"));
    ListenerSettings.Http2 http2 = http2(section.section("http2"));
    var passThrough = passThroughs.read(section.section("pass-through"), tls.isPresent());
    ListenerSettings.Http3 http3 = http3(section.section("http3"));
    ListenerSettings.ProxyProtocol proxies = proxyProtocol(section.section("proxy-protocol"));
    Sources trusted = Addresses.sources(section.get("trusted-proxies"));
    Setting redirect = section.get("redirect-to-https");
    OptionalInt https =
        redirect.isWord("none") ? OptionalInt.empty() : OptionalInt.of(redirect.integer(1, 65_535));
    var front = section.get("front-status").choice(ListenerSettings.FrontStatus.class);
    int maxConnections = section.get("max-connections").integer(1, 10_000_000);
    rejectHttp3(section.section("http3"), tls, proxies);
    Set<PosixFilePermission> mode = mode(section.get("socket-mode"));
    Optional<SocketAddress> bind = Addresses.door(section.get("bind"));
    if (http3.enabled() && bind.isPresent() && !(bind.get() instanceof InetSocketAddress)) {
      section.section("http3").get("enabled").reject("false on a Unix socket: HTTP/3 needs UDP");
    }
    return bind.map(address ->
        new ListenerSettings(
            address,
            mode,
            tls,
            limits,
            timeouts,
            http2,
            passThrough,
            http3,
            proxies,
            trusted,
            https,
            front,
            maxConnections));
  }

  /// Permissions of a file, written as chmod(1) takes them.
  private static Set<PosixFilePermission> mode(Setting setting) {
    return setting
        .parse(
            "permissions in octal, such as \"0660\"",
            text ->
                Optional.of(text)
                    .filter(octal -> octal.matches("0?[0-7]{3}"))
                    .map(octal -> permissions(Integer.parseInt(octal, 8))))
        .orElse(Set.of());
  }

  private static Set<PosixFilePermission> permissions(int bits) {
    StringBuilder symbolic = new StringBuilder();
    for (int i = 0; i < 9; i++) {
      symbolic.append((bits >> (8 - i) & 1) == 1 ? "rwx".charAt(i % 3) : '-');
    }
    return PosixFilePermissions.fromString(symbolic.toString());
  }

  private static ListenerSettings.ProxyProtocol proxyProtocol(Section section) {
    return new ListenerSettings.ProxyProtocol(
        Addresses.sources(section.get("from")),
        section.get("others").choice(ListenerSettings.ProxyProtocol.Others.class),
        (int) section.get("max-length").size(256, 64 * KIB),
        section.get("timeout").duration(MS, DAY));
  }

  private Optional<ListenerSettings.Tls> tls(Section listener) {
    Section section = listener.section("tls");
    Setting setting = section.get("certificates");
    List<KeyPair> pairs = setting.each("{ certificate = FILE, key = FILE }", this::keyPair);
    ListenerSettings.ClientCertificates clients =
        clientCertificates(section.section("client-certificates"));
    ListenerSettings.SessionTickets tickets = sessionTickets(section.section("session-tickets"));
    Optional<ListenerSettings.StrictTransport> strict =
        strictTransport(section.section("strict-transport-security"));
    Setting wantedNames = section.section("acme").get("names");
    List<AcmeSettings.Wanted> names = wanted.read(wantedNames);
    if (!pairs.isEmpty() || !names.isEmpty()) {
      return Optional.of(new ListenerSettings.Tls(pairs, names, tickets, clients, strict));
    }
    if (listener.isSet("tls") && setting.isEmptyList() && wantedNames.isEmptyList()) {
      setting.reject("at least one { certificate = FILE, key = FILE }, or acme.names");
    }
    return Optional.empty();
  }

  private ListenerSettings.SessionTickets sessionTickets(Section section) {
    return new ListenerSettings.SessionTickets(
        section.get("rotate-every").duration(Duration.ofMillis(100), Duration.ofDays(7)),
        section.get("keep").integer(0, 100),
        section.get("key-files").each("files", certificates::ticketKey));
  }

  private ListenerSettings.ClientCertificates clientCertificates(Section section) {
    Verify verify = section.get("verify").choice(Verify.class);
    Setting files = section.get("trusted-certificates");
    List<X509Certificate> trusted = certificates.chains(files);
    if (verify != Verify.NONE && files.isEmptyList()) {
      files.reject("PEM files with the authorities that sign the certificates of clients");
    }
    return new ListenerSettings.ClientCertificates(verify, trusted);
  }

  private static Optional<ListenerSettings.StrictTransport> strictTransport(Section section) {
    Setting maxAge = section.get("max-age");
    boolean subdomains = section.get("include-subdomains").flag();
    boolean preload = section.get("preload").flag();
    return maxAge.isWord("none")
        ? Optional.empty()
        : Optional.of(
            new ListenerSettings.StrictTransport(
                maxAge.duration(Duration.ZERO, Duration.ofDays(3650)), subdomains, preload));
  }

  private Optional<KeyPair> keyPair(Setting element) {
    return Section.of(element, Section.Defaults.none("certificate", "key"))
        .flatMap(pair -> certificates.keyPair(pair.get("certificate"), pair.get("key")));
  }

  private static ListenerSettings.Limits limits(Section section) {
    Setting body = section.get("body");
    Setting connections = section.get("connections");
    return new ListenerSettings.Limits(
        (int) section.get("request-line").size(64, MIB),
        (int) section.get("header-size").size(256, 16 * MIB),
        section.get("header-count").integer(1, 10_000),
        body.isWord("none") ? -1 : body.size(0, 1024 * TIB),
        connections.isWord("none") ? -1 : connections.integer(1, 10_000_000),
        section.get("handshakes").integer(1, 10_000_000),
        (int) section.get("buffer").size(KIB, GIB),
        SmallPiecesReader.read(section.section("small-pieces")),
        rates(section.section("rates")));
  }

  private static ListenerSettings.Rates rates(Section section) {
    return new ListenerSettings.Rates(
        section.get("body").size(0, GIB),
        section.get("send").size(0, GIB),
        section.get("grace").duration(MS, DAY));
  }

  private static ListenerSettings.Http2 http2(Section section) {
    return new ListenerSettings.Http2(
        section.get("enabled").flag(),
        section.get("max-streams").integer(1, 1_000_000),
        (int) section.get("stream-window").size(KIB, GIB),
        (int) section.get("connection-window").size(64 * KIB, GIB),
        (int) section.get("frame-size").size(16 * KIB, 8 * MIB),
        floods(section.section("floods")));
  }

  private static ListenerSettings.Http3 http3(Section section) {
    Section alternative = section.section("alt-svc");
    Setting port = alternative.get("port");
    Setting maxAge = alternative.get("max-age");
    Section retry = section.section("retry");
    return new ListenerSettings.Http3(
        section.get("enabled").flag(),
        section.get("max-streams").integer(1, 100_000),
        (int) section.get("stream-window").size(16 * KIB, GIB),
        (int) section.get("connection-window").size(64 * KIB, GIB),
        section.get("idle-timeout").duration(Duration.ofMillis(100), DAY),
        section.get("active-connection-ids").integer(2, 1000),
        section.get("cancel-check").duration(Duration.ofMillis(10), DAY),
        section.get("unfinished").integer(1, 1_000_000),
        section.get("unacknowledged").integer(1000, 10_000_000),
        (int) section.get("socket-buffer").size(64 * KIB, GIB),
        section.get("early-data").flag(),
        new ListenerSettings.AltSvc(
            port.isWord("auto") ? OptionalInt.empty() : OptionalInt.of(port.integer(1, 65_535)),
            maxAge.isWord("none")
                ? Optional.empty()
                : Optional.of(maxAge.duration(Duration.ZERO, Duration.ofDays(365)))),
        new ListenerSettings.Retry(
            retry.get("when").choice(ListenerSettings.Retry.When.class),
            retry.get("above").integer(0, 10_000_000),
            retry.get("lifetime").duration(Duration.ofMillis(100), DAY)));
  }

  /// What HTTP/3 cannot go together with.
  private static void rejectHttp3(
      Section section, Optional<ListenerSettings.Tls> tls, ListenerSettings.ProxyProtocol proxies) {
    if (!section.get("enabled").flag()) {
      return;
    }
    if (tls.isEmpty()) {
      section
          .get("enabled")
          .reject("a listener with tls.certificates: QUIC is never in clear text");
    }
    if (!proxies.from().isEmpty()
        && proxies.others() == ListenerSettings.ProxyProtocol.Others.REFUSE) {
      section
          .get("enabled")
          .reject("proxy-protocol.others = serve: HTTP/3 comes past the fronts, by UDP");
    }
    boolean asked =
        tls.map(each -> each.clientCertificates().verify() != Verify.NONE).orElse(false);
    if (asked && section.get("early-data").flag()) {
      section
          .get("early-data")
          .reject(
              "false with client-certificates: what comes early is not proven to be the client's");
    }
  }

  private static ListenerSettings.Floods floods(Section section) {
    return new ListenerSettings.Floods(
        section.get("window").duration(MS, DAY),
        section.get("resets").integer(1, MOST_FRAMES),
        section.get("settings").integer(1, MOST_FRAMES),
        section.get("pings").integer(1, MOST_FRAMES),
        section.get("empty-frames").integer(1, MOST_FRAMES),
        section.get("window-updates").integer(1, MOST_FRAMES),
        section.get("priorities").integer(1, MOST_FRAMES),
        section.get("header-lists").integer(1, MOST_FRAMES),
        section.get("continuations").integer(1, MOST_FRAMES));
  }

  private static ListenerSettings.Timeouts timeouts(Section section) {
    return new ListenerSettings.Timeouts(
        section.get("idle").duration(MS, DAY),
        section.get("header").duration(MS, DAY),
        section.get("handshake").duration(MS, DAY),
        section.get("body").duration(MS, DAY),
        section.get("send").duration(MS, DAY),
        section.get("tunnel").duration(MS, Duration.ofDays(30)));
  }
}
