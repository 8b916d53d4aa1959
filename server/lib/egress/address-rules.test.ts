import { describe, expect, it } from 'vitest';
import { isAllowedAddress, parseRanges } from './address-rules';

const refused = `127.0.0.1 127.1.2.3 127.255.255.255 10.0.0.1 10.255.255.254 172.16.0.1 172.31.255.255 192.168.0.1 192.168.255.255
169.254.169.254 169.254.0.1 100.64.0.1 100.100.100.200 100.127.255.255 0.0.0.0 0.1.2.3 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
192.0.0.1 192.0.0.8 192.0.0.170 192.0.2.1 198.51.100.1 203.0.113.1 198.18.0.1 198.19.255.255 192.88.99.1 168.63.129.16 192.31.196.1 192.175.48.1
::1 :: ::127.0.0.1 ::7f00:1 ::a9fe:a9fe ::ffff:127.0.0.1 ::ffff:7f00:1 ::FFFF:10.0.0.1 ::ffff:169.254.169.254 0:0:0:0:0:ffff:a00:1
::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::10.0.0.1 64:ff9b:1::a00:1 2002:7f00:1:: 2002:a9fe:a9fe::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2
fc00::1 fd00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 febf::1 fec0::1 ff02::1 ff05::1:3 100::1 2001:db8::1 2001:10::1 2001:20::1 3fff::1 5f00::1
1::1 4000::1 8000::1 localhost 127.0.0.1.nip.io 0x7f.0.0.1.evil 1.2.3.4.5 [::1] ::g 127.0.0.1/8`
  .split(/\s+/)
  .concat('', ' ', '127.0.0.1 8.8.8.8');
const accepted = '8.8.8.8 1.1.1.1 93.184.216.34 172.15.0.1 172.32.0.1 100.63.255.255 192.167.1.1 2606:4700::1111 2a00:1450:4001:82a::200e ::ffff:8.8.8.8'.split(
  ' ',
);

describe('addresses a tenant may reach', () => {
  it('covers many forms', () => expect(refused.length).toBeGreaterThanOrEqual(75));
  it.each(refused)('refuses %j', (address) => expect(isAllowedAddress(address)).toBe(false));
  it.each(accepted)('accepts %s', (address) => expect(isAllowedAddress(address)).toBe(true));

  it('opens only the ranges the operator names, in every form of their addresses', () => {
    const ranges = parseRanges(['10.1.0.0/16', 'fd00::/8']);
    expect(isAllowedAddress('10.1.2.3', ranges)).toBe(true);
    expect(isAllowedAddress('::ffff:10.1.2.3', ranges)).toBe(true);
    expect(isAllowedAddress('fd12::1', ranges)).toBe(true);
    expect(isAllowedAddress('10.2.0.1', ranges)).toBe(false);
    expect(isAllowedAddress('127.0.0.1', ranges)).toBe(false);
    expect(isAllowedAddress('fc00::1', ranges)).toBe(false);
  });
});
