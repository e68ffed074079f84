package io.whygate.diagnostics.verdict;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// What the gateway names as the reason of a failure: the codes of the public contract, section 4.
public enum Cause {
  BLIP_RECOVERED("blip.recovered"),
  BLIP_STALE_CONNECTION("blip.stale-connection"),

  SERVER_PORT_CLOSED("server.port-closed"),
  SERVER_HOST_UNREACHABLE("server.host-unreachable"),
  SERVER_HOST_DOWN("server.host-down"),
  SERVER_OVERLOADED("server.overloaded"),
  SERVER_MAINTENANCE("server.maintenance"),
  SERVER_SOCKET_MISSING("server.socket-missing"),
  SERVER_SOCKET_DENIED("server.socket-denied"),
  SERVER_NO_ENDPOINT("server.no-endpoint"),

  DNS_NAME_NOT_FOUND("dns.name-not-found"),
  DNS_NO_ADDRESS("dns.no-address"),
  DNS_SERVER_FAILURE("dns.server-failure"),
  DNS_REFUSED("dns.refused"),
  DNS_TIMEOUT("dns.timeout"),
  DNS_VALIDATION_FAILED("dns.validation-failed"),
  DNS_DANGLING_ALIAS("dns.dangling-alias"),
  DNS_LAME_DELEGATION("dns.lame-delegation"),
  DNS_DRIFT("dns.drift"),
  DNS_RECYCLED_ADDRESS("dns.recycled-address"),
  DNS_RESOLVERS_DISAGREE("dns.resolvers-disagree"),
  DNS_SINKHOLED("dns.sinkholed"),
  DNS_IPV6_BROKEN("dns.ipv6-broken"),

  FIREWALL_DROPPED("firewall.dropped"),
  FIREWALL_REJECTED("firewall.rejected"),
  FIREWALL_RATE_LIMITED("firewall.rate-limited"),
  FIREWALL_BLOCKED_REQUEST("firewall.blocked-request"),
  FIREWALL_MTU_BLACK_HOLE("firewall.mtu-black-hole"),

  TLS_CERTIFICATE_EXPIRED("tls.certificate-expired"),
  TLS_CERTIFICATE_NOT_YET_VALID("tls.certificate-not-yet-valid"),
  TLS_NAME_MISMATCH("tls.name-mismatch"),
  TLS_SELF_SIGNED("tls.self-signed"),
  TLS_UNTRUSTED_ISSUER("tls.untrusted-issuer"),
  TLS_INCOMPLETE_CHAIN("tls.incomplete-chain"),
  TLS_VERSION_MISMATCH("tls.version-mismatch"),
  TLS_CIPHER_MISMATCH("tls.cipher-mismatch"),
  TLS_UNRECOGNIZED_NAME("tls.unrecognized-name"),
  TLS_CLIENT_CERTIFICATE_REQUIRED("tls.client-certificate-required"),
  TLS_HANDSHAKE_TIMEOUT("tls.handshake-timeout"),
  TLS_PLAINTEXT_UPSTREAM("tls.plaintext-upstream"),
  TLS_REQUIRED("tls.required"),

  APPLICATION_CLOSED_BEFORE_RESPONSE("application.closed-before-response"),
  APPLICATION_PATH_FAILURE("application.path-failure"),
  APPLICATION_TIMEOUT("application.timeout"),
  APPLICATION_WORKERS_EXHAUSTED("application.workers-exhausted"),
  APPLICATION_CLOSED_MID_RESPONSE("application.closed-mid-response"),
  APPLICATION_BAD_CHUNK("application.bad-chunk"),
  APPLICATION_LENGTH_MISMATCH("application.length-mismatch"),
  APPLICATION_MALFORMED_RESPONSE("application.malformed-response"),
  APPLICATION_NOT_HTTP("application.not-http"),
  APPLICATION_HEADER_TOO_LARGE("application.header-too-large"),
  APPLICATION_AMBIGUOUS_FRAMING("application.ambiguous-framing"),
  APPLICATION_PROTOCOL_MISMATCH("application.protocol-mismatch"),
  APPLICATION_HTTP2_ERROR("application.http2-error"),
  APPLICATION_GATEWAY_ERROR("application.gateway-error"),
  APPLICATION_OUT_OF_MEMORY("application.out-of-memory"),
  APPLICATION_CRASHED("application.crashed"),
  APPLICATION_DATABASE_UNAVAILABLE("application.database-unavailable"),
  APPLICATION_DISK_FULL("application.disk-full"),

  GATEWAY_CIRCUIT_OPEN("gateway.circuit-open"),
  GATEWAY_POOL_EXHAUSTED("gateway.pool-exhausted"),
  GATEWAY_PORTS_EXHAUSTED("gateway.ports-exhausted"),
  GATEWAY_DESCRIPTORS_EXHAUSTED("gateway.descriptors-exhausted"),
  GATEWAY_NETWORK_UNREACHABLE("gateway.network-unreachable"),
  GATEWAY_CLOCK_SKEW("gateway.clock-skew"),
  GATEWAY_LOOP("gateway.loop"),
  GATEWAY_OVERLOADED("gateway.overloaded"),
  GATEWAY_CERTIFICATE_NOT_ISSUED("gateway.certificate-not-issued"),
  GATEWAY_CERTIFICATE_REVOKED("gateway.certificate-revoked"),
  GATEWAY_CERTIFICATE_EXPIRING("gateway.certificate-expiring"),

  UNKNOWN("unknown");

  private static final Map<String, Cause> BY_CODE =
      Arrays.stream(values())
          .collect(Collectors.toUnmodifiableMap(Cause::code, Function.identity()));

  private final String code;

  Cause(String code) {
    this.code = code;
  }

  /// The cause of this code.
  public static Optional<Cause> ofCode(String code) {
    return Optional.ofNullable(BY_CODE.get(code));
  }

  /// The code, such as `dns.drift`.
  public String code() {
    return code;
  }

  /// The part of the code before the dot, such as `dns`; `unknown` for [#UNKNOWN].
  public String category() {
    int dot = code.indexOf('.');
    return dot < 0 ? code : code.substring(0, dot);
  }

  /// The step that carries this cause, unless a log named it; empty for [#UNKNOWN].
  public Optional<Step> step() {
    return switch (category()) {
      case "blip" -> Optional.of(Step.RELOAD);
      case "server", "tls" -> Optional.of(Step.SERVER);
      case "dns" -> Optional.of(Step.DNS);
      case "firewall" -> Optional.of(Step.FIREWALL);
      case "application" -> Optional.of(Step.CODE);
      case "gateway" -> Optional.of(Step.HOST);
      default -> Optional.empty();
    };
  }

  @Override
  public String toString() {
    return code;
  }
}
