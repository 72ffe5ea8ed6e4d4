import { describe, expect, test } from 'vitest'
import { ApiError } from '../../src/lib/api/client'
import { CUSTOMER_WORDS, faultAt } from '../../src/lib/customers/words'

function refused(path: string, found = "'12345'"): ApiError {
  const faults = [{ path, found, expected: 'a phone number, in full with the country code' }]
  return new ApiError(422, { code: 'E1001', detail: '1 fault in the request', faults })
}

describe('what went wrong, for customers', () => {
  test('a wrong number is said in plain words, at its field only', () => {
    const error = refused('phone')
    expect(faultAt(error, 'phone')).toBe('This telephone number is not complete. Write it with its area code.')
    expect(faultAt(error, 'email')).toBe('')
    expect(CUSTOMER_WORDS.say(error)).not.toContain('fault')
  })

  test('where a field stands in the request is nothing to customers', () => {
    expect(faultAt(refused('site.address'), 'address')).toContain('address')
    expect(faultAt(refused('answers.fuel'), 'answers')).toContain('questions')
  })

  test('of two fields one of which is enough neither alone is wrong', () => {
    expect(faultAt(refused('email', 'nothing'), 'email')).toContain('e-mail address or a telephone number')
  })

  test('what nobody has foreseen is not said in the words of the API', () => {
    const said = CUSTOMER_WORDS.say(new ApiError(500, { code: 'E9001', detail: 'assertion of the plan failed' }))
    expect(said).toBe('That did not work. Please try again, or call us.')
    expect(CUSTOMER_WORDS.sayFault(refused('header.If-Match').faults[0]!)).not.toContain('If-Match')
  })
})
