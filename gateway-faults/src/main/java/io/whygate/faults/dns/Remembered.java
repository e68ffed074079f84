package io.whygate.faults.dns;

import java.time.Duration;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;

/// An authority's answer as a resolver keeps it.
///
/// @param message the answer
/// @param untilNanos when it runs out, as of [System#nanoTime()]
record Remembered(Message message, long untilNanos) {

  static Remembered of(Message message, long nowNanos) {
    return new Remembered(message, nowNanos + Duration.ofSeconds(ttlOf(message)).toNanos());
  }

  /// The seconds left, rounded up; zero or less once it ran out.
  long ttl(long nowNanos) {
    return Math.ceilDiv(untilNanos - nowNanos, Duration.ofSeconds(1).toNanos());
  }

  /// Whether it says that the name, or the type, is not there.
  boolean isNo() {
    return message.getRcode() == Rcode.NXDOMAIN
        || message.getSection(Section.AUTHORITY).stream().anyMatch(SOARecord.class::isInstance);
  }

  private static long ttlOf(Message message) {
    long answers =
        message.getSection(Section.ANSWER).stream()
            .mapToLong(Record::getTTL)
            .min()
            .orElse(Long.MAX_VALUE);
    long negative =
        message.getSection(Section.AUTHORITY).stream()
            .filter(SOARecord.class::isInstance)
            .mapToLong(record -> Math.min(record.getTTL(), ((SOARecord) record).getMinimum()))
            .min()
            .orElse(Long.MAX_VALUE);
    long ttl = Math.min(answers, negative);
    return ttl == Long.MAX_VALUE ? 0 : ttl;
  }
}
