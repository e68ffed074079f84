package io.whygate.faults.dns;

import org.xbill.DNS.Message;

/// What a DNS server is: an [Authority] for zones, a [CachingResolver], or one with a [SplitView].
public sealed interface Role permits Authority, CachingResolver, SplitView {
  /// The right answer to a query with one question. May block; called on virtual threads.
  Message answer(Message query);

  /// The answer that says no, with what proves it where the server has it.
  Message deny(Message query, int rcode);
}
