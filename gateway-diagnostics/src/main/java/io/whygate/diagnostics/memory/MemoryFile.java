package io.whygate.diagnostics.memory;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.json.JsonReader.InvalidJsonException;
import io.whygate.diagnostics.json.JsonWriter;
import io.whygate.diagnostics.json.Members;
import io.whygate.diagnostics.store.KeptFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The memory in a small file: marks, times, addresses and what changed. No request, no cookie's
/// value and no key is in it; a certificate authority's certificate is public.
///
/// A file that is damaged or of another format is reported once and ignored.
public final class MemoryFile {
  private static final Logger LOG = LoggerFactory.getLogger(MemoryFile.class);
  private static final String FORMAT = "whygate-memory 1";
  private static final int CHANGES = 64;
  private static final int ISSUERS = 64;

  private final KeptFile file;
  private final Memory memory;
  private final int mostBytes;
  private boolean failing;

  /// @param mostBytes how large the file may be; what was used longest ago is left out
  public MemoryFile(Path file, int mostBytes, Memory memory) {
    this.file = new KeptFile(file, FORMAT, mostBytes);
    this.mostBytes = mostBytes;
    this.memory = memory;
  }

  /// Fills the memory with what was kept. Call it once, before the memory is used.
  public void load() {
    Optional<String> text = file.read();
    if (text.isEmpty()) {
      return;
    }
    try {
      memory.restore(state(Members.of(text.get())));
    } catch (InvalidJsonException
        | Members.Missing
        | IllegalArgumentException
        | DateTimeException
        | CertificateException e) {
      file.unusable(String.valueOf(e.getMessage()));
    }
  }

  /// Writes the memory as it is now. Blocks. A disk that fails is reported once.
  public synchronized void save() {
    try {
      file.write(text(memory.state()));
      failing = false;
    } catch (IOException | CertificateEncodingException e) {
      if (!failing) {
        LOG.warn("What is normal could not be written for the next start", e);
      }
      failing = true;
    }
  }

  private String text(MemoryState state) throws CertificateEncodingException {
    StringBuilder text = new StringBuilder("{\"changes\":");
    JsonWriter changes = new JsonWriter().array();
    for (Change each : state.changes().stream().limit(CHANGES).toList()) {
      changes
          .object()
          .member("at", each.at())
          .member("kind", each.kind().name())
          .member("of", each.of())
          .member("detail", each.detail())
          .end();
    }
    text.append(changes.end());
    JsonWriter issuers = new JsonWriter().array();
    for (X509Certificate each : state.issuers().stream().limit(ISSUERS).toList()) {
      issuers.value(Base64.getEncoder().encodeToString(each.getEncoded()));
    }
    text.append(",\"issuers\":").append(issuers.end());
    List<String> names = new ArrayList<>();
    state.names().forEach((name, each) -> names.add(name(name, each)));
    List<String> endpoints = new ArrayList<>();
    state.endpoints().forEach((endpoint, each) -> endpoints.add(endpoint(endpoint, each)));
    appendList(text, "names", names, mostBytes / 2);
    appendList(text, "endpoints", endpoints, mostBytes - 1024);
    return text.append('}').toString();
  }

  private static void appendList(StringBuilder to, String name, List<String> items, int most) {
    to.append(",\"").append(name).append("\":[");
    boolean first = true;
    for (String each : items) {
      // A character may take three bytes.
      if (to.length() + each.length() * 3L > most) {
        break;
      }
      to.append(first ? "" : ",").append(each);
      first = false;
    }
    to.append(']');
  }

  private static String name(String name, Recollection.NameMemory history) {
    JsonWriter json =
        new JsonWriter()
            .object()
            .member("name", name)
            .member("takes_turns", history.takesTurns())
            .member("longest_ttl", history.longestTtlSeconds());
    json.name("seen").object();
    history.seen().forEach((address, at) -> json.member(address.getHostAddress(), at));
    return json.end().end().toString();
  }

  private static String endpoint(Endpoint endpoint, Baseline.Kept kept) {
    JsonWriter json =
        new JsonWriter()
            .object()
            .member("scheme", endpoint.scheme().name())
            .member("host", endpoint.host())
            .member("port", endpoint.port())
            .member("largest_header", kept.largestHeader())
            .member("idle_close_ms", kept.idleCloseMillis())
            .member("used", kept.usedAt())
            .member("asked_for", kept.host());
    identity(json.name("identity"), kept.identity());
    json.name("addresses").array();
    kept.addresses()
        .forEach((address, each) -> {
          json.object()
              .member("address", address.getHostAddress())
              .member("first", each.firstSeen())
              .member("last", each.lastSeen())
              .member("round_trip_us", each.roundTripMicros())
              .member("first_byte_us", each.firstByteMicros());
          json.name("identities").array();
          each.identities().forEach(one -> identity(json, one));
          json.end().end();
        });
    return json.end().end().toString();
  }

  private static void identity(JsonWriter json, Identity identity) {
    json.object()
        .member("key", identity.leafKey())
        .member("server", identity.server())
        .member("title", identity.title());
    json.name("traits").object();
    identity.traits().forEach(json::member);
    json.end().end();
  }

  private static MemoryState state(Members from) throws CertificateException {
    Map<Endpoint, Baseline.Kept> endpoints = new LinkedHashMap<>();
    for (Members each : from.objects("endpoints")) {
      endpoints.put(
          new Endpoint(
              each.constant("scheme", Endpoint.Scheme.class),
              each.text("host"),
              (int) each.number("port")),
          endpoint(each));
    }
    Map<String, Recollection.NameMemory> names = new LinkedHashMap<>();
    for (Members each : from.objects("names")) {
      Map<InetAddress, Instant> seen = new HashMap<>();
      Members moments = each.object("seen");
      moments
          .values()
          .keySet()
          .forEach(address -> seen.put(InetAddress.ofLiteral(address), moments.moment(address)));
      names.put(
          each.text("name"),
          new Recollection.NameMemory(seen, each.flag("takes_turns"), each.number("longest_ttl")));
    }
    List<Change> changes =
        from.objects("changes").stream()
            .map(each ->
                new Change(
                    each.moment("at"),
                    each.constant("kind", Change.Kind.class),
                    each.text("of"),
                    each.text("detail")))
            .toList();
    CertificateFactory certificates = CertificateFactory.getInstance("X.509");
    List<X509Certificate> issuers = new ArrayList<>();
    for (String each : from.texts("issuers")) {
      byte[] der = Base64.getDecoder().decode(each);
      issuers.add(
          (X509Certificate) certificates.generateCertificate(new ByteArrayInputStream(der)));
    }
    return new MemoryState(endpoints, names, changes, issuers);
  }

  private static Baseline.Kept endpoint(Members from) {
    Map<InetAddress, KnownAddress.Kept> addresses = new HashMap<>();
    for (Members each : from.objects("addresses")) {
      addresses.put(
          InetAddress.ofLiteral(each.text("address")),
          new KnownAddress.Kept(
              each.number("first"),
              each.number("last"),
              each.number("round_trip_us"),
              each.number("first_byte_us"),
              each.objects("identities").stream().map(MemoryFile::identity).toList()));
    }
    return new Baseline.Kept(
        addresses,
        from.number("largest_header"),
        from.number("idle_close_ms"),
        from.number("used"),
        from.text("asked_for"),
        identity(from.object("identity")));
  }

  private static Identity identity(Members from) {
    Map<String, String> traits = new HashMap<>();
    from.object("traits")
        .values()
        .forEach((name, value) -> traits.put(name, String.valueOf(value)));
    return new Identity(from.text("key"), from.text("server"), from.text("title"), traits);
  }
}
