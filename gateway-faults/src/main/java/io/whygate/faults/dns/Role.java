package io.whygate.faults.dns;

import org.xbill.DNS.Message;

/// What a DNS server is: an [Authority] for zones, or a [CachingResolver].
public sealed interface Role permits Authority, CachingResolver {
  /// The right answer to a query with one question. May block; called on virtual threads.
  Message answer(Message query);

  /// The answer that says no, with what proves it where the server has it.
  Message deny(Message query, int rcode);
}
