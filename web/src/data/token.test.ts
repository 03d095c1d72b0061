// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it } from 'vitest';
import { takeToken } from './token';

describe('takeToken', () => {
  beforeEach(() => sessionStorage.clear());

  it('takes the key out of the address and keeps it for the tab', () => {
    location.hash = '#token=a%2Bb&view=head&layer=3';
    expect(takeToken()).toBe('a+b');
    expect(location.hash).toBe('#view=head&layer=3');
    expect(takeToken()).toBe('a+b');
  });

  it('leaves no bare hash behind', () => {
    location.hash = '#token=k';
    takeToken();
    expect(location.href.includes('#')).toBe(false);
  });

  it('is empty without a key', () => {
    expect(takeToken()).toBe('');
  });
});
