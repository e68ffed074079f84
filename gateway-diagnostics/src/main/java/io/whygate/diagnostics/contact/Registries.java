package io.whygate.diagnostics.contact;

import io.whygate.diagnostics.json.JsonReader;
import io.whygate.diagnostics.json.JsonReader.InvalidJsonException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which registry answers for what: IANA's lists (RFC 9224), kept in memory and, where there is a
/// folder, on disk, for a day. Blocks; for one thread at a time.
final class Registries {
  private static final Logger LOG = LoggerFactory.getLogger(Registries.class);
  private static final Duration KEPT = Duration.ofDays(1);

  private final ContactSettings settings;
  private final RdapClient client;
  private final InstantSource clock;
  private final Map<String, Listed> lists = new HashMap<>();

  /// A list: what is answered for, and where.
  private record Service(List<String> keys, List<URI> servers) {}

  private record Listed(List<Service> services, Instant at) {}

  Registries(ContactSettings settings, RdapClient client, InstantSource clock) {
    this.settings = settings;
    this.client = client;
    this.clock = clock;
  }

  /// The server that answers for an address.
  Optional<URI> of(InetAddress address) throws IOException, InterruptedException {
    String list = address.getAddress().length == 4 ? "ipv4.json" : "ipv6.json";
    Service best = null;
    int longest = -1;
    for (Service service : services(list)) {
      for (String key : service.keys()) {
        int length = matches(key, address);
        if (length > longest) {
          longest = length;
          best = service;
        }
      }
    }
    return best == null ? Optional.empty() : server(best);
  }

  /// The server that answers for a domain: by the most of its labels.
  Optional<URI> of(String domain) throws IOException, InterruptedException {
    Service best = null;
    int longest = -1;
    for (Service service : services("dns.json")) {
      for (String key : service.keys()) {
        String suffix = key.toLowerCase(Locale.ROOT);
        boolean under = domain.equals(suffix) || domain.endsWith("." + suffix);
        if (under && suffix.length() > longest) {
          longest = suffix.length();
          best = service;
        }
      }
    }
    return best == null ? Optional.empty() : server(best);
  }

  /// Encrypted where there is a choice.
  private static Optional<URI> server(Service service) {
    return service.servers().stream()
        .filter(each -> each.getScheme().equals("https"))
        .findFirst()
        .or(() -> service.servers().stream().findFirst());
  }

  /// How many bits of an address a prefix such as `192.0.0.0/8` has in common with it: all of its
  /// own, or -1.
  private static int matches(String prefix, InetAddress address) {
    int slash = prefix.indexOf('/');
    try {
      byte[] net = InetAddress.ofLiteral(prefix.substring(0, slash)).getAddress();
      int bits = Integer.parseInt(prefix.substring(slash + 1));
      byte[] own = address.getAddress();
      if (net.length != own.length || bits < 0 || bits > own.length * 8) {
        return -1;
      }
      for (int i = 0; i < bits; i++) {
        int mask = 0x80 >> (i & 7);
        if (((net[i / 8] ^ own[i / 8]) & mask) != 0) {
          return -1;
        }
      }
      return bits;
    } catch (IllegalArgumentException | IndexOutOfBoundsException _) {
      return -1;
    }
  }

  private List<Service> services(String list) throws IOException, InterruptedException {
    Listed known = lists.get(list);
    if (known != null && isFresh(known.at())) {
      return known.services();
    }
    Optional<Path> file = settings.folder().map(folder -> folder.resolve("rdap-" + list));
    if (known == null && file.isPresent() && Files.isRegularFile(file.get())) {
      Instant written = Files.getLastModifiedTime(file.get()).toInstant();
      if (isFresh(written)) {
        try {
          known = new Listed(parse(Files.readString(file.get())), written);
          lists.put(list, known);
          return known.services();
        } catch (InvalidJsonException e) {
          LOG.debug("The kept list of registries {} cannot be read", file.get(), e);
        }
      }
    }
    try {
      String text = client.get(settings.bootstrap().resolve(list), "application/json");
      Listed now = new Listed(parse(text), clock.instant());
      lists.put(list, now);
      file.ifPresent(path -> keep(path, text));
      return now.services();
    } catch (IOException | InvalidJsonException e) {
      if (known != null) {
        // Older than it should be, and better than nothing.
        return known.services();
      }
      throw new IOException("no list of registries: " + e.getMessage(), e);
    }
  }

  private boolean isFresh(Instant at) {
    Duration age = Duration.between(at, clock.instant());
    return age.abs().compareTo(KEPT) < 0;
  }

  private static void keep(Path file, String text) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Path beside = file.resolveSibling(file.getFileName() + ".new");
      Files.writeString(beside, text, StandardCharsets.UTF_8);
      Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      LOG.warn("The list of registries cannot be kept: {}", e.toString());
    }
  }

  private static List<Service> parse(String text) throws InvalidJsonException {
    List<Service> services = new ArrayList<>();
    if (JsonReader.tolerant(text).get("services") instanceof List<?> all) {
      for (Object each : all) {
        if (each instanceof List<?> pair
            && pair.size() >= 2
            && pair.get(0) instanceof List<?> keys
            && pair.get(1) instanceof List<?> servers) {
          services.add(
              new Service(
                  keys.stream().map(String::valueOf).toList(),
                  servers.stream().map(String::valueOf).flatMap(Registries::uri).toList()));
        }
      }
    }
    return services;
  }

  private static Stream<URI> uri(String text) {
    try {
      URI uri = URI.create(text.endsWith("/") ? text : text + "/");
      boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
      return web ? Stream.of(uri) : Stream.empty();
    } catch (IllegalArgumentException _) {
      return Stream.empty();
    }
  }
}
