package io.whygate.faults.dns;

import java.time.Duration;
import org.xbill.DNS.Rcode;

/// The ways in which a DNS server answers wrongly, for all names or for one.
public sealed interface DnsFault {
  /// NXDOMAIN, with the zone's SOA where the server has one.
  record NxDomain() implements DnsFault {}

  /// No record of the type, with the zone's SOA where the server has one.
  record NoData() implements DnsFault {}

  /// An empty answer with this code, for instance [Rcode#SERVFAIL] or [Rcode#REFUSED].
  record Fails(int rcode) implements DnsFault {
    public static final Fails SERVFAIL = new Fails(Rcode.SERVFAIL);
    public static final Fails REFUSED = new Fails(Rcode.REFUSED);
  }

  /// An empty answer with a code and an extended error (RFC 8914).
  record FailsBecause(int rcode, int infoCode, String text) implements DnsFault {}

  /// The right answer, and an extended error with it, as for a stale answer (RFC 8914).
  record AnswersWithNote(int infoCode, String text) implements DnsFault {}

  /// SERVFAIL with this extended error, unless the query disables checking (CD).
  record FailsValidation(int infoCode) implements DnsFault {}

  /// No answer at all, by UDP and by TCP.
  record Silence() implements DnsFault {}

  /// An empty answer by UDP with the truncation bit; by TCP the whole answer, or a close.
  record Truncation(boolean tcpAnswers) implements DnsFault {}

  /// An empty answer without authority: the server does not serve the zone it is named for.
  record Lame() implements DnsFault {}

  /// The right answer, so much later.
  record Delay(Duration time) implements DnsFault {}

  /// Bytes that are no DNS message.
  record Garbage() implements DnsFault {}
}
