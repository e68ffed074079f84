package io.whygate.diagnostics.incident.journal;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.MalformedResponse;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.IcmpMessage;
import io.whygate.diagnostics.facts.WireFacts;
import io.whygate.diagnostics.facts.WireFacts.Spot;
import io.whygate.diagnostics.incident.RedactedSpot;
import io.whygate.diagnostics.json.JsonWriter;
import io.whygate.diagnostics.json.Members;
import io.whygate.diagnostics.redaction.Redaction;
import java.net.InetAddress;
import java.util.Base64;

/// What the wire showed of a recorded attempt, as members of its JSON object: the first bytes of
/// the answer and the one that broke the rules, without secrets, and the certificates.
final class WireRecord {
  private WireRecord() {}

  static void write(JsonWriter json, FailedAttempt attempt) {
    WireFacts wire = attempt.wire();
    json.member("first_bytes", Redaction.head(attempt.firstBytes()))
        .member("tls", wire.protocol())
        .member("cipher", wire.cipher())
        .member("spoken", wire.spoken());
    if (attempt.failure() instanceof MalformedResponse malformed) {
      json.member("detail", Redaction.head(malformed.detail())).member("at", malformed.offset());
    }
    if (wire.spot().isKnown()) {
      RedactedSpot spot = RedactedSpot.of(attempt);
      json.name("spot")
          .object()
          .member("offset", spot.offset())
          .member("before", spot.before())
          .member("byte", String.valueOf(spot.offending()))
          .member("after", spot.after())
          .end();
    }
    wire.icmp()
        .ifPresent(icmp ->
            json.name("icmp")
                .object()
                .member("from", icmp.from().getHostAddress())
                .member("own", icmp.own())
                .member("type", icmp.type())
                .member("code", icmp.code())
                .end());
    if (!wire.chain().isEmpty()) {
      json.name("chain").array();
      wire.chain().forEach(each -> json.value(Base64.getEncoder().encodeToString(each)));
      json.end();
    }
  }

  static WireFacts wire(Members from) {
    return new WireFacts(
        from.texts("chain").stream().map(Base64.getDecoder()::decode).toList(),
        from.textOrEmpty("tls"),
        from.textOrEmpty("cipher"),
        from.textOrEmpty("spoken"),
        from.objectIfThere("spot").map(WireRecord::spot).orElse(Spot.NONE),
        from.objectIfThere("icmp").map(WireRecord::icmp));
  }

  private static IcmpMessage icmp(Members from) {
    return new IcmpMessage(
        InetAddress.ofLiteral(from.text("from")),
        from.flag("own"),
        (int) from.number("type"),
        (int) from.number("code"));
  }

  private static Spot spot(Members from) {
    String before = from.text("before");
    return new Spot(
        from.number("offset"), before + from.text("byte") + from.text("after"), before.length());
  }

  /// A failure with what it said, where that was kept.
  static AttemptFailure detailed(AttemptFailure failure, Members from) {
    return failure instanceof MalformedResponse(var phase, var problem, _, _, var size)
            && from.has("detail")
        ? new MalformedResponse(phase, problem, from.text("detail"), (int) from.number("at"), size)
        : failure;
  }
}
