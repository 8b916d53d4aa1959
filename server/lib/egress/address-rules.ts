import ipaddr from 'ipaddr.js';

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Public by their range, yet answered by the cloud's own host (Azure's wire server). */
const hostServices = ['168.63.129.16/32'].map((c) => ipaddr.parseCIDR(c));
/** The only IPv6 block that is handed out as global unicast; ipaddr.js calls unassigned space `unicast` too. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');

/** CIDRs as written in HEDDLE_EGRESS_ALLOW. Throws on one that is none. */
export function parseRanges(cidrs: readonly string[]): Range[] {
  return cidrs.map((cidr) => ipaddr.parseCIDR(cidr));
}

/**
 * Whether a tenant's request may be sent to this address: public unicast (after unwrapping IPv4 in IPv6), or in a range the operator allows.
 * Anything that does not parse is refused.
 */
export function isAllowedAddress(address: string, allowed: readonly Range[] = []): boolean {
  let ip: ipaddr.IPv4 | ipaddr.IPv6;
  try {
    ip = ipaddr.process(address);
  } catch {
    return false;
  }
  if (inAny(ip, allowed)) return true;
  if (ip.range() !== 'unicast' || inAny(ip, hostServices)) return false;
  return ip.kind() === 'ipv4' || (ip as ipaddr.IPv6).match(globalUnicast);
}

function inAny(ip: ipaddr.IPv4 | ipaddr.IPv6, ranges: readonly Range[]): boolean {
  return ranges.some(([base, bits]) => base.kind() === ip.kind() && ip.match(base as never, bits));
}
