package io.whygate.faults.demo;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What a visitor of the panel can break. Each breaks one thing for real, and nothing else.
public enum Breakage {
  CLOSED_PORT(
      Part.SERVER,
      "Stop the shop",
      "Its process ends: the port is closed, the host still answers.",
      "/",
      "server.port-closed"),
  VANISHING_PACKETS(
      Part.SERVER,
      "Let packets vanish",
      "Nothing answers a new connection to the port, while the host is there.",
      "/",
      "firewall.dropped",
      "server.overloaded"),
  OVERLOAD(
      Part.SERVER,
      "Overload the shop",
      "The shop says 503 by itself, on every page; its own page is passed through.",
      "/",
      "server.overloaded"),
  MAINTENANCE(
      Part.SERVER,
      "Close for maintenance",
      "The shop says 503 and when to come back; its own page is passed through.",
      "/",
      "server.maintenance"),
  HANG(
      Part.APPLICATION,
      "Make pages hang",
      "The shop takes a request and thinks for a minute; even light requests are late.",
      "/",
      "application.timeout"),
  WORKERS_EXHAUSTED(
      Part.APPLICATION,
      "Use up all workers",
      "The port accepts, and nobody behind it has time for anyone.",
      "/",
      "application.workers-exhausted"),
  CRASH(
      Part.APPLICATION,
      "Crash on every page",
      "The shop takes a request and the connection is reset without an answer.",
      "/",
      "application.closed-before-response"),
  CRASH_ON_ONE_PATH(
      Part.APPLICATION,
      "Crash on one product",
      "Only the Storm Lantern's page kills its worker; the rest of the shop is well.",
      "/products/storm-lantern",
      "application.path-failure"),
  CUT_SHORT(
      Part.APPLICATION,
      "Cut answers short",
      "The shop hangs up half way through a page; the browser sees a broken load, never a whole page.",
      "/",
      "application.closed-mid-response"),
  GARBAGE(
      Part.APPLICATION,
      "Answer nonsense",
      "What comes back is no HTTP at all.",
      "/",
      "application.malformed-response",
      "application.not-http"),
  OTHER_PROGRAM(
      Part.APPLICATION,
      "Put SSH on the port",
      "Another program took the shop's port: it greets as an SSH server.",
      "/",
      "application.not-http"),
  MOVED(
      Part.DNS,
      "Move the journal",
      "Its name points to a new server, the resolver still says the old one: the gateway finds the"
          + " new one, and the visitor sees the site.",
      "/journal",
      "dns.drift"),
  MOVED_AND_BROKEN(
      Part.DNS,
      "Move it to a dead server",
      "The same, but nothing listens at the new address either.",
      "/journal",
      "dns.drift"),
  NAME_GONE(
      Part.DNS,
      "Delete the shop's name",
      "The name servers say that the name does not exist (NXDOMAIN).",
      "/",
      "dns.name-not-found"),
  DANGLING_ALIAS(
      Part.DNS,
      "Leave a dangling alias",
      "The shop's name is an alias of a name that is gone.",
      "/",
      "dns.dangling-alias"),
  EXPIRED_CERTIFICATE(
      Part.TLS,
      "Let the certificate expire",
      "The checkout's certificate ran out two days ago.",
      "/checkout",
      "tls.certificate-expired"),
  WRONG_NAME(
      Part.TLS,
      "Show the wrong certificate",
      "The checkout's certificate is for another site.",
      "/checkout",
      "tls.name-mismatch"),
  MISSING_INTERMEDIATE(
      Part.TLS,
      "Forget the intermediate",
      "The checkout sends its certificate without the one that links it to the root.",
      "/checkout",
      "tls.incomplete-chain"),
  PLAIN_ON_TLS_PORT(
      Part.TLS,
      "Speak plain HTTP on the https port",
      "The checkout forgot its TLS; the gateway sends it nothing of a visitor's.",
      "/checkout",
      "tls.plaintext-upstream"),
  TLS_ON_PLAIN_PORT(
      Part.TLS,
      "Speak TLS on the http port",
      "The shop demands TLS where the gateway was told plain HTTP.",
      "/",
      "tls.required");

  private final Part part;
  private final String title;
  private final String does;
  private final String path;

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of
  private final List<String> causes;

  Breakage(Part part, String title, String does, String path, String... causes) {
    this.part = part;
    this.title = title;
    this.does = does;
    this.path = path;
    this.causes = List.of(causes);
  }

  /// What kind of thing breaks.
  public enum Part {
    SERVER("The server"),
    APPLICATION("The application"),
    DNS("The name"),
    TLS("The encryption");

    private final String title;

    Part(String title) {
      this.title = title;
    }

    public String title() {
      return title;
    }
  }

  /// Its name in addresses and forms, for instance `closed-port`.
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The breakage of an id.
  public static Optional<Breakage> of(String id) {
    return Arrays.stream(values()).filter(breakage -> breakage.id().equals(id)).findFirst();
  }

  public Part part() {
    return part;
  }

  public String title() {
    return title;
  }

  /// One line on what happens.
  public String does() {
    return does;
  }

  /// The page of the site, as seen through the gateway, that shows it.
  public String path() {
    return path;
  }

  /// The causes that the gateway may name for it, the likeliest first.
  public List<String> causes() {
    return causes;
  }
}
