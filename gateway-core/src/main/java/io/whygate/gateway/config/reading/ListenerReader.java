package io.whygate.gateway.config.reading;

import static io.whygate.gateway.config.reading.Bounds.DAY;
import static io.whygate.gateway.config.reading.Bounds.GIB;
import static io.whygate.gateway.config.reading.Bounds.KIB;
import static io.whygate.gateway.config.reading.Bounds.MIB;
import static io.whygate.gateway.config.reading.Bounds.MS;
import static io.whygate.gateway.config.reading.Bounds.TIB;

import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.config.ListenerSettings.KeyPair;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/// Reads one listener.
final class ListenerReader {
  private final Certificates certificates;

  ListenerReader(Certificates certificates) {
    this.certificates = certificates;
  }

  /// Nothing where its address is missing or malformed.
  Optional<ListenerSettings> read(Section section) {
    Optional<ListenerSettings.Tls> tls = tls(section);
    ListenerSettings.Limits limits = limits(section.section("limits"));
    ListenerSettings.Timeouts timeouts = timeouts(section.section("timeouts"));
    var trusted = section.get("trusted-proxies").each("networks", Addresses::network);
    var front = section.get("front-status").choice(ListenerSettings.FrontStatus.class);
    int maxConnections = section.get("max-connections").integer(1, 10_000_000);
    Optional<InetSocketAddress> bind = Addresses.bind(section.get("bind"));
    return bind.map(address ->
        new ListenerSettings(address, tls, limits, timeouts, trusted, front, maxConnections));
  }

  private Optional<ListenerSettings.Tls> tls(Section listener) {
    Section section = listener.section("tls");
    Setting setting = section.get("certificates");
    List<KeyPair> pairs = setting.each("{ certificate = FILE, key = FILE }", this::keyPair);
    if (!pairs.isEmpty()) {
      return Optional.of(new ListenerSettings.Tls(pairs));
    }
    if (listener.isSet("tls") && setting.isEmptyList()) {
      setting.reject("at least one { certificate = FILE, key = FILE }");
    }
    return Optional.empty();
  }

  private Optional<KeyPair> keyPair(Setting element) {
    return Section.of(element, Section.Defaults.none("certificate", "key"))
        .flatMap(pair -> certificates.keyPair(pair.get("certificate"), pair.get("key")));
  }

  private static ListenerSettings.Limits limits(Section section) {
    Setting body = section.get("body");
    return new ListenerSettings.Limits(
        (int) section.get("request-line").size(64, MIB),
        (int) section.get("header-size").size(256, 16 * MIB),
        section.get("header-count").integer(1, 10_000),
        body.isWord("none") ? -1 : body.size(0, 1024 * TIB),
        (int) section.get("buffer").size(KIB, GIB));
  }

  private static ListenerSettings.Timeouts timeouts(Section section) {
    return new ListenerSettings.Timeouts(
        section.get("idle").duration(MS, DAY),
        section.get("header").duration(MS, DAY),
        section.get("body").duration(MS, DAY),
        section.get("send").duration(MS, DAY),
        section.get("tunnel").duration(MS, DAY.multipliedBy(30)));
  }
}
